using System.Net;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.ApplicationForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Whoever rotates keys has been shown what hangs on them.</summary>
public sealed class KeyRotationFormTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Somebody decides to withdraw a key of which nothing hangs any more; meanwhile another one signs, on which much does.</summary>
    [Fact]
    public async Task Form_FromBeforeAnotherRotation_WithdrawsNoKeyThatItHasNotShown()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var address = Address(application) + "/keys/rotate";
        var (first, second) = (await browser.GetAsync(address, Cancellation), await browser.GetAsync(address, Cancellation));
        Assert.Equal(HttpStatusCode.Found, (await browser.SubmitAsync(first, address, Cancellation, Fields(first))).Status);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        // As if it was ten minutes ago: so soon after another one, none is carried out whatever it is about.
        await keys.Database.ExecuteSqlAsync($"UPDATE key_applications SET rotated_at = rotated_at - interval '10 minutes' WHERE client_id = {application.ClientId}", Cancellation);

        var refused = await browser.SubmitAsync(second, address, Cancellation, Fields(second, ("KeepMinutes", "0")));

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("Somebody else has rotated the keys meanwhile", refused.Text, StringComparison.Ordinal);
        Assert.Equal(3, await CountAsync());
        // It shows what there is now, and may be sent again.
        Assert.Equal(HttpStatusCode.Found, (await browser.SubmitAsync(refused, address, Cancellation, Fields(refused, ("KeepMinutes", "0")))).Status);
        Assert.Equal(4, await CountAsync());

        Task<int> CountAsync() => keys.SigningKeys.CountAsync(k => k.ClientId == application.ClientId, Cancellation);
    }
}
