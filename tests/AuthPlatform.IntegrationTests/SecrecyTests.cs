using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>What must never be read by anybody but its owner.</summary>
public sealed class SecrecyTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Logs_OfAllServices_HoldNoSecretTokenOrSignature()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var request = SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()));
        var signature = request.Headers.GetValues("X-Signature").Single()["v2=".Length..];
        using var response = await platform.Gateway.SendAsync(request, Cancellation);
        var issued = await response.ReadJsonAsync(Cancellation);
        await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation);
        await platform.VerifyAsync(application, issued.Text("access_token")[..^5], Cancellation);
        await platform.SendAsync(SignedRequests.V2(application with { Secret = "wrong" }, "/auth/token", "{"), Cancellation);

        using var basic = OAuthRequests.Form($"/auth/{application.ClientId}/oauth2/introspect", ("token", issued.Text("access_token"))).WithBasic(application);
        var credentials = basic.Headers.Authorization!.Parameter!;
        using var introspected = await platform.Gateway.SendAsync(basic, Cancellation);
        await platform.CallAsync(application, application, "token", Cancellation, ("grant_type", "refresh_token"), ("refresh_token", issued.Text("refresh_token") + "x"));
        await platform.CallAsync(application, application, "token", Cancellation, ("client_secret", application.Secret));

        var log = string.Join('\n', platform.Logs.Lines);

        Assert.Contains("AuthPlatform is ready", log, StringComparison.Ordinal);
        Assert.All(
            [.. platform.PlatformSecrets, application.Secret, signature, credentials, issued.Text("access_token"), issued.Text("refresh_token"), issued.Text("access_token").Split('.')[2], "PRIVATE KEY"],
            secret => Assert.DoesNotContain(secret, log, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Database_InItsTables_HoldsNoSecretInClear()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);

        var rows = database.ApplicationSecrets.Select(s => s.SecretEncrypted).ToList();

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.DoesNotContain(application.Secret, System.Text.Encoding.Latin1.GetString(row), StringComparison.Ordinal));
    }
}
