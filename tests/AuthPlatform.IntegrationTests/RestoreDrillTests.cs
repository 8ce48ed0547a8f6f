using System.Net;
using System.Text;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>The day everything is lost but the backup of both databases and the encryption key (docs/operations.md, "Restore").</summary>
public sealed class RestoreDrillTests(AuthPlatformFixture platform)
{
    private readonly FreshDatabases _restored = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dump_RestoredIntoEmptyDatabases_KeepsEveryTokenAsItWas()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var live = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var ended = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        await platform.SendSignedAsync(application, "/auth/revoke", () => SignedRequests.VerifyBody(ended.Text("access_token")), Cancellation);
        var publishedBefore = await platform.Gateway.GetStringAsync(Jwks(application), Cancellation);

        var settings = await platform.OperatorEnvironmentAsync(Cancellation);
        var auth = await DatabaseDump.TakeAsync(settings["ConnectionStrings__authdb"], Cancellation);
        var keys = await DatabaseDump.TakeAsync(settings["ConnectionStrings__keysdb"], Cancellation);
        AssertNothingSecret([.. auth.Contents, .. keys.Contents], [.. platform.PlatformSecrets, application.Secret, live.Text("access_token"), live.Text("refresh_token")]);

        await RestoreAsync(auth, keys, settings, Cancellation);
        using var keyManager = await RunningService.StartAsync("AuthPlatform.KeyManager", settings, Cancellation);
        settings["services__key-manager__http__0"] = keyManager.Http.BaseAddress!.ToString();
        settings["Tokens__PublicUrl"] = Issuer(live.Text("access_token"))[..^$"/auth/{application.ClientId}".Length];
        using var tokenApi = await RunningService.StartAsync("AuthPlatform.TokenApi", settings, Cancellation);

        Assert.Equal(publishedBefore, await keyManager.Http.GetStringAsync(Jwks(application), Cancellation));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(tokenApi, application, "/auth/verify", live.Text("access_token")));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(tokenApi, application, "/auth/verify", ended.Text("access_token")));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(tokenApi, application, "/auth/refresh", live.Text("refresh_token")));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(tokenApi, application, "/auth/refresh", ended.Text("refresh_token")));

        var (_, examined, _) = await OperatorCli.RunAsync(settings, Cancellation, "doctor");
        Assert.Matches("(?m)^ok    authdb encryption", examined);
        Assert.Matches("(?m)^ok    keysdb encryption", examined);
    }

    private static Uri Jwks(TestApplication application) => new($"/auth/{application.ClientId}/jwks", UriKind.Relative);

    private static string Issuer(string token) =>
        System.Text.Json.JsonElement.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1])).Text("iss");

    /// <summary>Without Redis, requests that were signed before the service knew that it is away are answered 503, and are to be signed afresh.</summary>
    private static async Task<HttpStatusCode> SendAsync(RunningService tokenApi, TestApplication application, string path, string token) =>
        (await AuthPlatformFixture.SendFreshAsync(tokenApi.Http, () => SignedRequests.V2(application, path, SignedRequests.VerifyBody(token)), Cancellation)).Status;

    /// <summary>A dump may lie about for years, on disks that nobody encrypts.</summary>
    private static void AssertNothingSecret(IReadOnlyList<byte[]> contents, IReadOnlyList<string> secrets) =>
        Assert.All(secrets, secret => Assert.All(contents, content => Assert.Equal(-1, content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)))));

    /// <summary>The settings are those of the restored platform afterwards: its databases, the old encryption key, a secret of its own, and no Redis yet.</summary>
    private async Task RestoreAsync(DatabaseDump auth, DatabaseDump keys, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var migrated = await _restored.MigratedAsync(cancellationToken);
        settings["ConnectionStrings__authdb"] = migrated["ConnectionStrings__authdb"];
        settings["ConnectionStrings__keysdb"] = migrated["ConnectionStrings__keysdb"];
        settings["ConnectionStrings__redis"] = "127.0.0.1:1,abortConnect=false";
        settings["InternalCalls__Secrets__0"] = FreshDatabases.InternalSecret;
        await auth.RestoreAsync(settings["ConnectionStrings__authdb"], cancellationToken);
        await keys.RestoreAsync(settings["ConnectionStrings__keysdb"], cancellationToken);
        // It finds the tables of its own version, and the application that it would otherwise add.
        var worker = new Dictionary<string, string>(settings) { ["Bootstrap__ClientId"] = platform.Bootstrap.ClientId, ["Bootstrap__ClientSecret"] = platform.Bootstrap.Secret };
        var (exitCode, log) = await MigrationWorkerParts.RunAsync(worker, cancellationToken);
        Assert.True(exitCode == 0, log);
        Assert.Equal(2, log.Split("nothing to do").Length - 1);
        Assert.DoesNotContain("Created", log, StringComparison.Ordinal);
    }
}
