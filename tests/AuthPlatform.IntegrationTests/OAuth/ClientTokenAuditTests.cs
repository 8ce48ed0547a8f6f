using System.Text.Json;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.OAuth;

/// <summary>A token without a session leaves its story too, under its own id.</summary>
public sealed class ClientTokenAuditTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ClientCredentials_GrantedAndRevoked_AreWrittenDownByTheIdOfTheToken()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var (_, granted) = await platform.CallAsync(application, application, "token", Cancellation, ("grant_type", "client_credentials"));
        var token = granted.Text("access_token");
        var id = (await platform.VerifyAsync(application, token, Cancellation)).Body.GetProperty("payload").Text("jti");
        await platform.CallAsync(application, application, "revoke", Cancellation, ("token", token));

        (string, string)[] expected = [(AuditKinds.Issued, id), (AuditKinds.Revoked, id)];
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var written = database.AuditEvents.AsNoTracking().Where(e => e.ClientId == application.ClientId && e.Kind != AuditKinds.Rejected).OrderBy(e => e.Kind);
        await Eventually.TrueAsync(async () => await written.CountAsync(Cancellation) >= expected.Length, Cancellation);
        var events = await written.ToListAsync(Cancellation);
        Assert.Equal(expected, events.Select(e => (e.Kind, JsonElement.Parse(e.Details!).Text("token_id"))));
        Assert.All(events, e => Assert.Equal((null, null, 1), (e.SessionId, e.UniqueKey, e.Count)));
    }
}
