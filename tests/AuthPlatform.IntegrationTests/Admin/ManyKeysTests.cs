using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.ApplicationForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>An application may leave a key behind every minute.</summary>
public sealed class ManyKeysTests(AuthPlatformFixture platform)
{
    private const int MostShown = 100;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MostShown, null)]
    [InlineData(MostShown + 1, "One older key is not shown")]
    [InlineData(MostShown + 150, "150 older keys are not shown")]
    public async Task Keys_OfManyRotations_AreShownUpToTheNewestHundredOfThePast(int past, string? more)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var present = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("kid");
        await AddPastKeysAsync(application, past);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Auditor);

        var page = await browser.GetAsync(Address(application) + "/keys", Cancellation);

        Assert.Equal(Enumerable.Range(1, MostShown), Enumerable.Range(1, past).Where(number => page.Html.Contains($">{application.ClientId}-{number}<", StringComparison.Ordinal)));
        Assert.Contains($">{present}<", page.Html, StringComparison.Ordinal);
        Assert.Equal(more is not null, page.Text.Contains("not shown", StringComparison.Ordinal));
        Assert.Contains(more ?? "", page.Text, StringComparison.Ordinal);
    }

    /// <summary>The greater the number the older is the key; each third one was revoked.</summary>
    private async Task AddPastKeysAsync(TestApplication application, int count)
    {
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        await keys.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO signing_keys (id, kid, client_id, algorithm, key_size, public_key, created_at, announced_at, activated_at, superseded_at, expires_at, revoked_at)
            SELECT gen_random_uuid(), k.client_id || '-' || n, k.client_id, k.algorithm, k.key_size, k.public_key, t, t, t, t + interval '1 minute', t + interval '2 minutes',
                CASE WHEN n % 3 = 0 THEN t + interval '2 minutes' END
            FROM signing_keys AS k, generate_series(1, {count}) AS n, LATERAL (SELECT now() - interval '1 year' - n * interval '1 hour' AS t) AS made
            WHERE k.client_id = {application.ClientId} AND k.activated_at IS NOT NULL
            """,
            Cancellation);
    }
}
