using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Encryption;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>A secret that the command line makes is nowhere else: whatever comes after it counts must not keep it from whoever is to hand it over.</summary>
public sealed class NewSecretTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_InterruptedWhileRedisDoesNotAnswer_HasShownTheSecret() => await AssertShownAsync("apps", "create", "--name", "Shop");

    [Fact]
    public async Task RotateSecret_InterruptedWhileRedisDoesNotAnswer_HasShownTheSecret()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await AssertShownAsync("apps", "rotate-secret", application.ClientId);
    }

    private async Task AssertShownAsync(params string[] command)
    {
        using var redis = new TcpListener(IPAddress.Loopback, 0);
        redis.Start();
        var settings = await platform.OperatorEnvironmentAsync(Cancellation);
        settings["ConnectionStrings__redis"] = redis.LocalEndpoint.ToString()!;
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var interruption = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var running = OperatorCli.RunAsync(settings, new Terminal(TextReader.Null, output, error, IsInteractive: false), interruption.Token, [.. command, "--json"]);
        // It is done, and tells the services: nobody answers.
        using var connected = await redis.AcceptTcpClientAsync(Cancellation).AsTask().WaitAsync(Eventually.Patience, Cancellation);
        var shown = output.ToString();
        await interruption.CancelAsync();
        connected.Dispose();
        redis.Stop();

        Assert.True(await running == 0, error.ToString());
        Assert.Contains("Redis does not answer", error.ToString(), StringComparison.Ordinal);
        var answer = JsonElement.Parse(shown);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var clientId = answer.Text("client_id");
        var secrets = await database.ApplicationSecrets.Where(s => database.Applications.Any(a => a.Id == s.ApplicationId && a.ClientId == clientId)).ToListAsync(Cancellation);
        Assert.Contains(secrets, secret => secret.Holds(new EnvelopeCipher([platform.EncryptionKey]), answer.Text("secret")));
    }
}
