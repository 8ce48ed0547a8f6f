using System.Net;
using AuthPlatform.Contracts.Signing;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>When, and from where, a secret was last used: by that an administrator tells whether an old one may go.</summary>
public sealed class SecretUseTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LastUse_OfASecret_IsWhenAndFromWhereTheRequestCame(bool isSigned)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var before = TimeProvider.System.GetUtcNow();
        using var response = await platform.Gateway.SendFreshAsync(
            async () =>
            {
                var request = OAuthRequests.Form($"/auth/{application.ClientId}/oauth2/token", ("grant_type", "client_credentials"));
                return isSigned ? await request.SignedByAsync(application) : request.WithBasic(application);
            },
            Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        var secret = Assert.Single(await UsedAsync(application, count: 1));
        Assert.InRange(secret.LastUsedAt!.Value, before, TimeProvider.System.GetUtcNow());
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(secret.LastUsedFrom!)));
    }

    /// <summary>A client that is changing its secret needs either of them.</summary>
    [Fact]
    public async Task LastUse_OfARequestSignedWithBothSecrets_IsThatOfBoth()
    {
        var first = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        // Before the first request: whoever reads the application then knows both.
        var second = await platform.AddSecretAsync(first, Cancellation);
        var body = SignedRequests.TokenBody(SignedRequests.NewUser());
        var (status, _) = await platform.SendFreshAsync(
            () =>
            {
                var (timestamp, nonce) = (SignedRequests.Now(), SignedRequests.Nonce());
                var request = SignedRequests.V2(first, "/auth/token", body, timestamp, nonce);
                using var other = SignedRequests.V2(second, "/auth/token", body, timestamp, nonce);
                request.Headers.Add(SigningHeaders.Signature, other.Headers.GetValues(SigningHeaders.Signature));
                return request;
            },
            Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);

        Assert.All(await UsedAsync(first, count: 2), secret => Assert.True(IPAddress.IsLoopback(IPAddress.Parse(secret.LastUsedFrom!))));
    }

    /// <summary>Those of an application's secrets that were used, once they are so many: it is written down now and then.</summary>
    private async Task<List<ApplicationSecret>> UsedAsync(TestApplication application, int count)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var used = database.ApplicationSecrets.AsNoTracking()
            .Where(s => s.LastUsedAt != null && database.Applications.Any(a => a.Id == s.ApplicationId && a.ClientId == application.ClientId));
        await Eventually.TrueAsync(async () => await used.CountAsync(Cancellation) == count, Cancellation);
        return await used.ToListAsync(Cancellation);
    }
}
