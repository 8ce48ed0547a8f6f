using System.Net;
using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Cli;

public sealed class AppsCommandTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>From nothing to tokens, through a change of the secret, to an application that is refused.</summary>
    [Fact]
    public async Task Application_FromCreationToDisabling_IsWhatTheCommandLineMakesOfIt()
    {
        var created = await RunAsync("apps", "create", "--name", "Shop", "--access-lifetime", "2m", "--json");
        var application = new TestApplication(created.Text("client_id"), created.Text("secret"));
        Assert.Matches("^[a-z2-7]{20}$", application.ClientId);
        Assert.Matches("^cs_[A-Za-z0-9_-]{43}$", application.Secret);
        Assert.InRange((await IssueAsync(application)).GetProperty("expires_in").GetInt32(), 114, 120);

        await RunAsync("apps", "set", application.ClientId, "--access-lifetime", "1h", "--allowed-ips", "127.0.0.0/8,::1", "--json");
        await Eventually.TrueAsync(async () => (await IssueAsync(application)).GetProperty("expires_in").GetInt32() > 3000, Eventually.ByMessage, Cancellation);

        var rotated = await RunAsync("apps", "rotate-secret", application.ClientId, "--expire-old-after", "0", "--json");
        var renewed = application with { Secret = rotated.Text("secret") };
        Assert.NotEqual(application.Secret, renewed.Secret);
        await IssueAsync(renewed);
        await Eventually.TrueAsync(async () => await StatusAsync(application) == HttpStatusCode.Unauthorized, Eventually.ByMessage, Cancellation);

        var list = await RunAsync("apps", "list", "--json");
        Assert.Contains(list.EnumerateArray(), a => a.Text("client_id") == application.ClientId && a.GetProperty("live_secrets").GetInt32() == 1);

        await RunAsync("apps", "disable", application.ClientId, "--yes", "--json");
        await Eventually.TrueAsync(async () => await StatusAsync(renewed) == HttpStatusCode.Unauthorized, Eventually.ByMessage, Cancellation);
        var shown = await RunAsync("apps", "show", application.ClientId, "--json");
        Assert.False(shown.GetProperty("enabled").GetBoolean());
        Assert.DoesNotContain("cs_", shown.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExpireSecret_OfOneOfTwo_RefusesThatOneAloneAndMakesRoom()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var renewed = application with { Secret = (await RunAsync("apps", "rotate-secret", application.ClientId, "--json")).Text("secret") };
        await Eventually.TrueAsync(async () => await StatusAsync(renewed) == HttpStatusCode.OK, Eventually.ByMessage, Cancellation);
        Assert.Contains("there is room for two", await RefusalAsync(1, "apps", "rotate-secret", application.ClientId), StringComparison.Ordinal);
        Assert.Contains("The secret in slot 1", await RefusalAsync(2, "apps", "expire-secret", application.ClientId, "--slot", "1"), StringComparison.Ordinal);

        var secrets = await RunAsync("apps", "expire-secret", application.ClientId, "--slot", "1", "--yes", "--json");

        Assert.Equal([false, true], secrets.EnumerateArray().Select(secret => secret.GetProperty("live").GetBoolean()));
        await Eventually.TrueAsync(async () => await StatusAsync(application) == HttpStatusCode.Unauthorized, Eventually.ByMessage, Cancellation);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(renewed));
        Assert.Contains("has no live secret in slot 1", await RefusalAsync(1, "apps", "expire-secret", application.ClientId, "--slot", "1", "--yes"), StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("apps", "rotate-secret", application.ClientId, "--json")).GetProperty("slot").GetInt32());
        var shown = await RunAsync("apps", "show", application.ClientId, "--json");
        Assert.True(shown.GetProperty("updated_at").GetDateTimeOffset() > shown.GetProperty("created_at").GetDateTimeOffset(), shown.GetRawText());
    }

    [Fact]
    public async Task Show_OfASecretThatWasUsed_SaysFromWhere()
    {
        var application = await platform.CreateApplicationAsync(
            a =>
            {
                var secret = a.Secrets.Single();
                (secret.LastUsedAt, secret.LastUsedFrom) = (TimeProvider.System.GetUtcNow(), "203.0.113.7");
            },
            Cancellation);

        var shown = await RunAsync("apps", "show", application.ClientId, "--json");
        var (exitCode, output, error) = await OperatorCli.RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), Cancellation, "apps", "show", application.ClientId);

        Assert.Equal("203.0.113.7", shown.GetProperty("secrets")[0].Text("last_used_from"));
        Assert.True(exitCode == 0, error);
        Assert.Contains(" 203.0.113.7 ", output, StringComparison.Ordinal);
    }

    /// <summary>It is too late to say that nothing was done; and what is wrong may be where the password is.</summary>
    [Fact]
    public async Task Set_WithAConnectionStringOfRedisThatCannotBeRead_IsDoneAndWarns()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var settings = await platform.OperatorEnvironmentAsync(Cancellation);
        settings["ConnectionStrings__redis"] = $"localhost:6379,pasword={application.Secret}";

        var (exitCode, output, error) = await OperatorCli.RunAsync(settings, Cancellation, "apps", "set", application.ClientId, "--name", "Renamed");

        Assert.True(exitCode == 0, error);
        Assert.Contains("-> Renamed", output, StringComparison.Ordinal);
        Assert.StartsWith("warning: ConnectionStrings__redis cannot be read", error, StringComparison.Ordinal);
        Assert.DoesNotContain(application.Secret, error, StringComparison.Ordinal);
    }

    /// <summary>It had begun to be deleted, and its keys were gone already.</summary>
    [Fact]
    public async Task Enable_OfAnApplicationWithoutKeys_MakesItKnownToTheKeyManagerOrSaysHow()
    {
        var application = await platform.CreateApplicationAsync(a => a.Enabled = false, Cancellation);
        using var keyManager = platform.CreateKeyManagerClient();
        using var deleted = await keyManager.DeleteAsync($"/internal/applications/{application.ClientId}", Cancellation);
        deleted.EnsureSuccessStatusCode();
        var withoutKeys = await platform.OperatorEnvironmentAsync(Cancellation);
        withoutKeys.Remove("ConnectionStrings__keysdb");

        var (exitCode, _, error) = await OperatorCli.RunAsync(withoutKeys, Cancellation, "apps", "enable", application.ClientId);
        Assert.Equal(0, exitCode);
        Assert.Contains($"'authplatform keys ensure {application.ClientId}'", error, StringComparison.Ordinal);

        await RunAsync("apps", "disable", application.ClientId, "--yes", "--json");
        await RunAsync("apps", "enable", application.ClientId, "--json");
        await IssueAsync(application);
    }

    [Fact]
    public async Task Create_ForAnOlderService_KeepsItsIdAndSecret()
    {
        var clientId = SignedRequests.Now().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var secret = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        var settings = await platform.OperatorEnvironmentAsync(Cancellation);
        string[] create = ["apps", "create", "--name", "Old one", "--client-id", clientId, "--min-signature", "1", "--secret-stdin", "--json"];
        var (exitCode, output, error) = await OperatorCli.RunAsync(settings, secret + "\n", Cancellation, create);
        Assert.True(exitCode == 0, error);
        Assert.DoesNotContain(secret, output + error, StringComparison.Ordinal);
        await IssueAsync(new TestApplication(clientId, secret));

        (exitCode, _, error) = await OperatorCli.RunAsync(settings, secret + "\n", Cancellation, create);
        Assert.Equal(1, exitCode);
        Assert.Equal($"error: There is an application '{clientId}' already.", error.Trim());
    }

    [Theory]
    [InlineData(2, "60 to 3600 s, not 5 s", "apps", "create", "--name", "x", "--access-lifetime", "5")]
    [InlineData(2, "'10.0.0.0/33' is no address", "apps", "create", "--name", "x", "--allowed-ips", "10.0.0.0/33")]
    [InlineData(2, "--allowed-ips names nothing: say 'all' to allow every address.", "apps", "create", "--name", "x", "--allowed-ips", "")]
    [InlineData(2, "--allowed-ips names nothing: say 'all' to allow every address.", "apps", "set", "integration-tests", "--allowed-ips", ",")]
    [InlineData(2, "--resource-servers names nothing: say 'none'", "apps", "set", "integration-tests", "--resource-servers", " , ")]
    [InlineData(2, "Nothing to change was given", "apps", "set", "anything")]
    [InlineData(2, "'7x' is no duration", "apps", "set", "anything", "--refresh-idle", "7x")]
    [InlineData(2, "--yes", "apps", "disable", "integration-tests")]
    [InlineData(1, "There is no application 'nobody'", "apps", "show", "nobody")]
    public async Task Command_ThatCannotBeDone_SaysWhyAndExitsAccordingly(int expected, string says, params string[] arguments) =>
        Assert.Contains(says, await RefusalAsync(expected, arguments), StringComparison.Ordinal);

    private async Task<string> RefusalAsync(int expected, params string[] arguments)
    {
        var (exitCode, output, error) = await OperatorCli.RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), Cancellation, arguments);
        Assert.Equal((expected, ""), (exitCode, output));
        return error;
    }

    private async Task<JsonElement> RunAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await OperatorCli.RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), Cancellation, arguments);
        Assert.True(exitCode == 0 && error.Length == 0, error);
        return JsonElement.Parse(output);
    }

    /// <summary>A new application's keys are made in the background; until then it is told to come back.</summary>
    private async Task<JsonElement> IssueAsync(TestApplication application)
    {
        JsonElement body = default;
        await Eventually.TrueAsync(
            async () =>
            {
                (var status, body) = await platform.SendSignedAsync(application, "/auth/token", () => SignedRequests.TokenBody(SignedRequests.NewUser()), Cancellation);
                return status == HttpStatusCode.OK;
            },
            Cancellation);
        return body;
    }

    private async Task<HttpStatusCode> StatusAsync(TestApplication application) =>
        (await platform.SendSignedAsync(application, "/auth/token", () => SignedRequests.TokenBody(SignedRequests.NewUser()), Cancellation)).Status;
}
