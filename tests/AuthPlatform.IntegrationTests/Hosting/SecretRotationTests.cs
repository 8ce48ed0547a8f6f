using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>The platform's own secrets change under load as docs/operations.md says, and nothing fails for clients that do as the contract says.</summary>
[Collection<ReplicatedPlatform.Tests>]
public sealed class SecretRotationTests(ReplicatedPlatform platform)
{
    private const int Lanes = 4;

    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentQueue<string> _repeated = new();
    private int _answers;
    private volatile bool _isOver;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task InternalSecretAndEncryptionKey_RotatedUnderLoad_FailNothingThatIsSentAgain()
    {
        var (oldKey, oldSecret) = (platform.EncryptionKey, platform.InternalSecret);
        var (newKey, newSecret) = (NewSecret(), NewSecret());
        var load = Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => WorkAsync()));

        // 1. Everybody understands the new ones. 2. Everybody uses them. 3. Nobody takes the old ones any more.
        await RollOutAsync([oldKey, newKey], [oldSecret, newSecret]);
        await RollOutAsync([newKey, oldKey], [newSecret, oldSecret]);
        var settings = await platform.OperatorEnvironmentAsync(Cancellation);
        (settings["Encryption__Keys__0"], settings["Encryption__Keys__1"]) = (newKey, oldKey);
        var (exitCode, _, error) = await OperatorCli.RunAsync(settings, Cancellation, "keys", "rekey");
        Assert.True(exitCode == 0, error);
        await RollOutAsync([newKey], [newSecret]);

        _isOver = true;
        await load;
        Assert.True(_failures.IsEmpty, string.Join('\n', _failures));
        // Thousands of requests: a crowded machine may hold up what is under way, once.
        Assert.True(_repeated.Count <= Lanes, string.Join('\n', _repeated));
        Assert.True(_answers > 100, $"There were {_answers} answers only.");
        Assert.Equal(HttpStatusCode.Unauthorized, await AskKeyManagerAsync(oldSecret));
        Assert.Equal(HttpStatusCode.OK, await AskKeyManagerAsync(newSecret));
    }

    /// <summary>One replica of each service at a time, and both services at once: they are not replicas of each other.</summary>
    private async Task RollOutAsync(string[] keys, string[] secrets)
    {
        foreach (var index in new[] { 0, 1 })
        {
            Set("Encryption__Keys__", index, keys);
            Set("InternalCalls__Secrets__", index, secrets);
        }

        var services = await Task.WhenAll(platform.InstancesAsync(ResourceNames.KeyManager), platform.InstancesAsync(ResourceNames.TokenApi));
        foreach (var replica in new[] { 0, 1 })
        {
            await Task.WhenAll(services.Select(replicas => platform.RestartAsync(replicas[replica])));
        }
    }

    private void Set(string name, int index, string[] values)
    {
        if (index < values.Length)
        {
            platform.ServiceSettings[name + index] = values[index];
        }
        else
        {
            platform.ServiceSettings.TryRemove(name + index, out _);
        }
    }

    private async Task WorkAsync()
    {
        while (!_isOver)
        {
            if (await SendAsync("/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser())) is { } token)
            {
                await SendAsync("/auth/verify", SignedRequests.VerifyBody(token));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, Cancellation);
        }
    }

    /// <summary>As the contract says, a client signs afresh after a 503; only another one is a failure.</summary>
    private async Task<string?> SendAsync(string path, string body)
    {
        try
        {
            var (status, answer) = await AskAsync();
            if (status == HttpStatusCode.ServiceUnavailable)
            {
                _repeated.Enqueue($"{path}: {answer}");
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Cancellation);
                (status, answer) = await AskAsync();
            }

            if (status == HttpStatusCode.OK)
            {
                Interlocked.Increment(ref _answers);
                return path == "/auth/token" ? answer.Text("access_token") : null;
            }

            _failures.Enqueue($"{path}: {status} {answer}");
        }
        catch (HttpRequestException exception)
        {
            _failures.Enqueue($"{path}: {exception.Message}");
        }

        return null;

        Task<(HttpStatusCode Status, JsonElement Body)> AskAsync() => platform.SendAsync(SignedRequests.V2(platform.Bootstrap, path, body), Cancellation);
    }

    private async Task<HttpStatusCode> AskKeyManagerAsync(string secret)
    {
        using var keyManager = platform.App.CreateHttpClient(ResourceNames.KeyManager);
        keyManager.DefaultRequestHeaders.Add("Authorization", $"Bearer {secret}");
        using var response = await keyManager.GetAsync(new Uri("/internal/keys/changes", UriKind.Relative), Cancellation);
        return response.StatusCode;
    }

    private static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
}
