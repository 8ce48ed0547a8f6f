using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;
using Jose;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>The promise to verifiers: whoever reads the JWKS again when its max-age is over never meets a key that it does not know.</summary>
public sealed class KeyRotationLoadTests(AuthPlatformFixture platform)
{
    private const int Rotations = 20;

    /// <summary>At the same time, through two replicas.</summary>
    private const int Clients = 2;

    /// <summary>With copies of the keys, by each client at least so often in each rotation: more often than its copies are read again meanwhile.</summary>
    private const int Verifications = 5;

    /// <summary>Half of the time between rotations, less than the max-age: copies are used across rotations.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(250);

    /// <summary>The algorithm of an RSA key in PKCS#8 (RFC 5958), which no encrypted one shows.</summary>
    private static readonly byte[] Pkcs8Header = Convert.FromHexString("300d06092a864886f70d01010105000482");

    private readonly ConcurrentQueue<string> _failures = new();
    private readonly int[] _verified = new int[Clients];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwentyRotations_WhileTokensAreIssuedAndVerified_FailNoVerification()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var keyManager = platform.CreateKeyManagerClient();
        var schedule = new { rotate_every_seconds = 500, announce_seconds = 300, retain_seconds = 4020 };
        using var changed = await keyManager.PutAsJsonAsync($"/internal/applications/{application.ClientId}/key-settings", schedule, Cancellation);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);

        using var finished = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        // Each with two copies of the keys, read at different times.
        var verifiers = Enumerable.Range(0, 2 * Clients).Select(_ => new CachingVerifier(platform, application)).ToArray();
        Array.ForEach(verifiers[Clients..], verifier => verifier.Advance(Step / 2));
        var load = Task.WhenAll(Enumerable.Range(0, Clients).Select(i => IssueAndVerifyAsync(application, i, [verifiers[i], verifiers[i + Clients]], finished.Token)));
        await using (var clock = new KeyClock(platform, application.ClientId))
        {
            for (var rotation = 0; rotation < Rotations; rotation++)
            {
                var (next, before) = (await NextKidAsync(keyManager, application), Verified());
                for (var i = 0; i < 2; i++)
                {
                    Array.ForEach(verifiers, verifier => verifier.Advance(Step));
                    await clock.AdvanceAsync(Step, Cancellation);
                }

                await Eventually.TrueAsync(async () => await NextKidAsync(keyManager, application) != next, Cancellation);
                // Each of them: one that is held up while the other goes on would hold a token whose key has had its time.
                await Eventually.TrueAsync(() => Task.FromResult(Verified().Zip(before).All(count => count.First >= count.Second + Verifications) || load.IsFaulted), Cancellation);
            }
        }

        await finished.CancelAsync();
        await load;
        Assert.Empty(_failures);
        var reads = verifiers.Sum(verifier => verifier.Reads);
        Assert.True(reads < _verified.Sum(), $"{_verified.Sum()} verifications, {reads} reads");

        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        var own = await keys.SigningKeys.Where(k => k.ClientId == application.ClientId).ToListAsync(Cancellation);
        Assert.Equal((Rotations + 2, 1, 1), (own.Count, own.Count(k => k.ActivatedAt is null), own.Count(k => k.ActivatedAt is not null && k.SupersededAt is null)));
        Assert.All(own, k => Assert.Equal(k.SupersededAt is null, k.PrivateKeyEncrypted is not null));
        Assert.All(own, k => Assert.Equal(-1, k.PrivateKeyEncrypted.AsSpan().IndexOf(Pkcs8Header)));
    }

    /// <summary>Each token at once, and once more when a later one was issued: by then its key may be retiring.</summary>
    private async Task IssueAndVerifyAsync(TestApplication application, int client, CachingVerifier[] verifiers, CancellationToken finished)
    {
        string? previous = null;
        while (!finished.IsCancellationRequested)
        {
            var token = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("access_token");
            foreach (var each in new[] { token, previous ?? token })
            {
                foreach (var verifier in verifiers)
                {
                    if (await verifier.RefusesAsync(each, Cancellation) is { } refusal)
                    {
                        _failures.Enqueue(refusal);
                    }

                    Interlocked.Increment(ref _verified[client]);
                }

                var (status, body) = await platform.VerifyAsync(application, each, Cancellation);
                if (status != HttpStatusCode.OK)
                {
                    _failures.Enqueue($"/auth/verify answered {status}: {body}");
                }
            }

            previous = token;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }
    }

    /// <summary>How often each client has verified so far.</summary>
    private int[] Verified() => [.. Enumerable.Range(0, Clients).Select(client => Volatile.Read(ref _verified[client]))];

    /// <summary>The newest key comes first; it is another one after a rotation.</summary>
    private static async Task<string> NextKidAsync(HttpClient keyManager, TestApplication application) =>
        JsonElement.Parse(await keyManager.GetStringAsync($"/auth/{application.ClientId}/jwks", Cancellation)).GetProperty("keys")[0].Text("kid");

    /// <summary>Another library, with a copy of the keys that it keeps for exactly as long as it may, on a clock that the test sets.</summary>
    private sealed class CachingVerifier(AuthPlatformFixture platform, TestApplication application)
    {
        private JwkSet? _keys;
        private long _now;
        private long _goodUntil;

        public int Reads { get; private set; }

        public void Advance(TimeSpan time) => Interlocked.Add(ref _now, time.Ticks);

        /// <summary>Null when the token is good, else why not.</summary>
        public async Task<string?> RefusesAsync(string token, CancellationToken cancellationToken)
        {
            var keys = await KeysAsync(cancellationToken);
            var kid = (string)JWT.Headers(token)["kid"];
            if (keys.FirstOrDefault(k => k.KeyId == kid) is not { } key)
            {
                return $"{kid} is not among {string.Join(", ", keys.Select(k => k.KeyId))}";
            }

            JWT.Decode(token, key, JwsAlgorithm.RS256);
            return null;
        }

        private async Task<JwkSet> KeysAsync(CancellationToken cancellationToken)
        {
            var now = Interlocked.Read(ref _now);
            if (_keys is null || now >= _goodUntil)
            {
                using var response = await platform.Gateway.SendFreshAsync(() => new HttpRequestMessage(HttpMethod.Get, $"/auth/{application.ClientId}/jwks"), cancellationToken);
                _keys = JwkSet.FromJson(await response.Content.ReadAsStringAsync(cancellationToken), new JsonMapper());
                _goodUntil = now + response.Headers.CacheControl!.MaxAge!.Value.Ticks;
                Reads++;
            }

            return _keys;
        }
    }
}
