using System.Globalization;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.UserForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What a person's page says of them when one thing is out of their way.</summary>
public sealed class AccessMessageTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Whoever believes that somebody may come in looks no further for what keeps them out.</summary>
    [Theory]
    [InlineData("Resume", true, true, "{0} may come in now.")]
    [InlineData("Resume", true, false, "{0} is not suspended any more, but still waits for approval.")]
    [InlineData("Resume", false, false, "{0} is not suspended any more, but has not used the link yet.")]
    [InlineData("Approve", true, false, "{0} is approved now, but still suspended.")]
    public async Task Message_AboutSomebodySuspended_SaysWhatStillStandsInTheirWay(string handler, bool isSetUp, bool isApproved, string expected)
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.UserManager);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var person = await database.Administrators.SingleAsync(a => a.Id == account.Id, Cancellation);
        person.SuspendedAt = person.CreatedAt;
        person.PasswordHash = isSetUp ? person.PasswordHash : null;
        person.ApprovedAt = isApproved ? person.ApprovedAt : null;
        await database.SaveChangesAsync(Cancellation);

        var pressed = await PressAsync(browser, account.Id, handler);
        var page = await browser.BrowseAsync(pressed.Location!, Cancellation);

        Assert.Contains(string.Format(CultureInfo.InvariantCulture, expected, account.UserName), page.Text, StringComparison.Ordinal);
    }
}
