using System.Text;
using System.Text.RegularExpressions;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Encryption;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>What must never be read by anybody but its owner: it is looked for in everything that leaves the services.</summary>
public sealed class SecrecyTests(AuthPlatformFixture platform)
{
    private const string Password = "hunter2-do-not-say-this";

    private static readonly string[] Signals = ["traces", "metrics", "logs"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LogsAnswersAndDumps_OfTheWholePlatform_HoldNoSecretTokenOrSignature()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var secrets = await SecretsAsync(application);
        var answers = await UseAsync(platform.Gateway, application, secrets);
        using var basic = OAuthRequests.Form($"/auth/{application.ClientId}/oauth2/introspect", ("token", answers.Text("access_token"))).WithBasic(application);
        secrets.Add("credentials", basic.Headers.Authorization!.Parameter!);
        using var introspected = await platform.Gateway.SendAsync(basic, Cancellation);
        await platform.CallAsync(application, application, "token", Cancellation, ("grant_type", "refresh_token"), ("refresh_token", answers.Text("refresh_token") + "x"));
        await platform.CallAsync(application, application, "token", Cancellation, ("client_secret", application.Secret));
        await AdministrateAsync(secrets);

        await KeyManagerLogArrivedAsync();
        await platform.AdminLogArrivedAsync(Cancellation);
        Assert.Contains("AuthPlatform is ready", string.Join('\n', platform.Logs.Lines), StringComparison.Ordinal);
        secrets.AssertAbsentFrom("the log", string.Join('\n', platform.Logs.Lines));
        var settings = await platform.OperatorEnvironmentAsync(Cancellation);
        foreach (var database in new[] { ResourceNames.AuthDatabase, ResourceNames.KeysDatabase })
        {
            var dump = await DatabaseDump.TakeAsync(settings[$"ConnectionStrings__{database}"], Cancellation);
            Assert.All(dump.Contents, rows => secrets.AssertAbsentFrom($"a dump of {database}", rows));
        }

        foreach (var path in new[] { $"/auth/{application.ClientId}/jwks", $"/auth/{application.ClientId}/.well-known/openid-configuration", "/health/ready", "/openapi.json" })
        {
            secrets.AssertAbsentFrom(path, await platform.Gateway.GetStringAsync(new Uri(path, UriKind.Relative), Cancellation));
        }

        foreach (var command in new[] { "apps show", "keys list" })
        {
            var (_, output, error) = await OperatorCli.RunAsync(settings, Cancellation, [.. command.Split(' '), application.ClientId, "--json"]);
            secrets.AssertAbsentFrom(command, output + error);
        }
    }

    [Fact]
    public async Task TracesMetricsAndLogs_OfServices_HoldNoSecretTokenOrSignature()
    {
        await using var receiver = await TelemetryReceiver.StartAsync(Cancellation);
        var environment = await platform.TokenApiEnvironmentAsync(Cancellation);
        receiver.AddTo(environment);
        environment["Metrics__Port"] = "0";
        // As Aspire has it in development.
        environment["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true";
        environment["OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"] = "true";
        environment["Admin__PublicUrl"] = platform.Gateway.BaseAddress!.ToString();
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var secrets = await SecretsAsync(application);
        var link = SignedRequests.Nonce();
        secrets.Add("the token of a link", link).Add("the password of PostgreSQL", new NpgsqlConnectionStringBuilder(environment["ConnectionStrings__authdb"]).Password!);
        foreach (var database in new[] { ResourceNames.AuthDatabase, ResourceNames.KeysDatabase })
        {
            // Without it Npgsql itself forgets the password.
            environment[$"ConnectionStrings__{database}"] += ";Persist Security Info=true";
        }

        var scraped = new List<string>();
        // One after the other, because each is to ask the one before.
        using (var keyManager = await StartNextAsync("AuthPlatform.KeyManager", ResourceNames.KeyManager))
        using (var adminWeb = await StartNextAsync("AuthPlatform.AdminWeb", ResourceNames.AdminWeb))
        using (var tokenApi = await StartNextAsync("AuthPlatform.TokenApi", ResourceNames.TokenApi))
        using (var gateway = await StartNextAsync("AuthPlatform.Gateway", ResourceNames.Gateway))
        {
            await UseAsync(gateway.Http, application, secrets);
            foreach (var path in new[] { $"/admin/setup?token={link}", $"/auth/{application.ClientId}/oauth2/token?client_secret={application.Secret}", $"/nothing?x={application.Secret}" })
            {
                using var page = await gateway.Http.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
            }

            foreach (var service in new[] { gateway, tokenApi, adminWeb, keyManager })
            {
                scraped.Add(await service.Http.GetStringAsync(service.Metrics, Cancellation));
                // Stopping sends what has not been sent.
                await service.StopAsync(Cancellation);
            }
        }

        Assert.All(scraped, metrics => secrets.AssertAbsentFrom("what Prometheus reads", metrics));
        Assert.Contains(scraped, metrics => metrics.Contains("authplatform_tokens_issued_total", StringComparison.Ordinal));
        Assert.Contains(scraped, metrics => metrics.Contains("db_client_connection_pool_name=\"authdb\"", StringComparison.Ordinal));
        AssertHolds(receiver.Of("traces"), "/admin/setup");
        AssertHolds(receiver.Of("traces"), "POST /auth/token");
        AssertHolds(receiver.Of("metrics"), "authplatform.tokens.issued");
        AssertHolds(receiver.Of("metrics"), "authplatform.keys.sign.duration");
        AssertHolds(receiver.Of("logs"), "AuthPlatform.TokenApi");
        Assert.All(Signals, signal => secrets.AssertAbsentFrom(signal, receiver.Of(signal)));

        async Task<RunningService> StartNextAsync(string project, string name)
        {
            var service = await RunningService.StartAsync(project, environment, Cancellation);
            environment[$"services__{name}__http__0"] = service.Http.BaseAddress!.ToString();
            return service;
        }
    }

    /// <summary>What a service says when it ends badly is read by whoever reads logs.</summary>
    [Theory]
    [InlineData("AuthPlatform.KeyManager", "Encryption__Keys__0", Password)]
    [InlineData("AuthPlatform.KeyManager", "Encryption__Keys__0", Password + "-that-is-long-enough-but-not-the-one")]
    [InlineData("AuthPlatform.KeyManager", "InternalCalls__Secrets__0", Password)]
    [InlineData("AuthPlatform.KeyManager", "ConnectionStrings__keysdb", "Host=127.0.0.1;Port=1;Username=u;Passwort=" + Password)]
    [InlineData("AuthPlatform.TokenApi", "ConnectionStrings__authdb", "postgres://u:" + Password + "@127.0.0.1/authdb")]
    [InlineData("AuthPlatform.TokenApi", "ConnectionStrings__redis", "127.0.0.1:1,passwort=" + Password)]
    public async Task Service_ThatCannotStart_SaysNoSecretOfItsSettings(string service, string setting, string value)
    {
        var environment = await platform.TokenApiEnvironmentAsync(Cancellation);
        environment[setting] = value;
        environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromMinutes(5));

        var (exitCode, log) = await ServiceProcess.Start(service, environment, ends: true).FinishAsync(limit.Token);

        Assert.NotEqual(0, exitCode);
        Assert.NotEqual("", log);
        Assert.DoesNotContain(Password, log, StringComparison.Ordinal);
    }

    /// <summary>Returns when all is here that the Key Manager has logged so far: it says something of a deletion, and that is here.</summary>
    private async Task KeyManagerLogArrivedAsync()
    {
        var over = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var keyManager = platform.CreateKeyManagerClient();
        using var deleted = await keyManager.DeleteAsync(new Uri($"/internal/applications/{over.ClientId}", UriKind.Relative), Cancellation);
        deleted.EnsureSuccessStatusCode();
        await Eventually.TrueAsync(() => Task.FromResult(platform.Logs.Lines.Any(line => line.Contains($"Deleted all keys of {over.ClientId}", StringComparison.Ordinal))), Cancellation);
    }

    private static void AssertHolds(byte[] content, string text) => Assert.True(content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0, $"'{text}' is missing");

    private async Task<Secrets> SecretsAsync(TestApplication application)
    {
        var cipher = new EnvelopeCipher([(await platform.OperatorEnvironmentAsync(Cancellation))["Encryption__Keys__0"]]);
        var secrets = new Secrets().Add("the application's secret", application.Secret);
        foreach (var secret in platform.PlatformSecrets)
        {
            secrets.Add("a secret of the platform", secret);
        }

        await using var database = await platform.OpenKeysDatabaseAsync(Cancellation);
        foreach (var key in await database.SigningKeys.Where(k => k.ClientId == application.ClientId).ToListAsync(Cancellation))
        {
            secrets.Add(key, cipher);
        }

        return secrets;
    }

    /// <summary>What an administrator types, is shown once, or carries about.</summary>
    private async Task AdministrateAsync(Secrets secrets)
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.ApplicationManager, AdministratorRoles.UserManager);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        secrets.Add("a password", AdminAccount.Password).Add("the key of an authenticator app", account.TotpSecret);
        AddShown("a new key of an authenticator app", await browser.GetAsync("/admin/account/authenticator", Cancellation), "select-all\">([A-Z2-7 ]+)<");
        AddShown("a secret made by an administrator", await browser.FillAsync("/admin/new-application", Cancellation, ("Name", "Secrecy")), """<code id="secret"[^>]*>(cs_[^<]+)<""");
        AddShown("an invitation", await browser.FillAsync("/admin/users/invite", Cancellation, ("UserName", "new-" + SignedRequests.Nonce()[..12])), @"/admin/setup\?token=([\w-]{43})");
        AddShown("a recovery code", await browser.FillAsync("/admin/account/recovery-codes", Cancellation), "<li[^>]*>([a-z0-9]{4}(?:-[a-z0-9]{4}){3})</li>");
        secrets.Add("the cookie of a session", browser.Cookies["__Host-authplatform-session"]);

        void AddShown(string name, AdminPage page, string pattern)
        {
            var found = Regex.Matches(page.Html, pattern);
            Assert.True(found.Count > 0, page.Text);
            foreach (Match match in found)
            {
                // A key stands there in groups, for the eye.
                secrets.Add(name, match.Groups[1].Value.Replace(" ", "", StringComparison.Ordinal));
            }
        }
    }

    /// <summary>What an application does, well and badly; adds what must not be said of it.</summary>
    private static async Task<System.Text.Json.JsonElement> UseAsync(HttpClient client, TestApplication application, Secrets secrets)
    {
        using var response = await client.SendFreshAsync(
            () =>
            {
                var request = SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()));
                secrets.Add("the signature", request.Headers.GetValues("X-Signature").Single()["v2=".Length..]);
                return request;
            },
            Cancellation);
        var issued = await response.ReadJsonAsync(Cancellation);
        var token = issued.Text("access_token");
        secrets.Add("the access token", token).Add("the token's signature", token.Split('.')[2]).Add("the refresh token", issued.Text("refresh_token"));
        foreach (var body in new[] { SignedRequests.VerifyBody(token), SignedRequests.VerifyBody(token[..^5]), SignedRequests.VerifyBody(issued.Text("refresh_token")) })
        {
            await AuthPlatformFixture.SendAsync(client, SignedRequests.V2(application, "/auth/verify", body), Cancellation);
            await AuthPlatformFixture.SendAsync(client, SignedRequests.V2(application with { Secret = "wrong" }, "/auth/refresh", body), Cancellation);
        }

        return issued;
    }
}
