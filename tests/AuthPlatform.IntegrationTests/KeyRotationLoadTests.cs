using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using AuthPlatform.IntegrationTests.Infrastructure;
using Jose;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>The promise to verifiers: whoever reads the JWKS again when its max-age is over never meets a key that it does not know.</summary>
public sealed class KeyRotationLoadTests(AuthPlatformFixture platform)
{
    private const int Rotations = 50;

    /// <summary>A third of the time between rotations, less than the max-age: copies are used across rotations.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(200);

    private readonly ConcurrentQueue<string> _failures = new();
    private int _verified;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FiftyRotations_WhileTokensAreIssuedAndVerified_FailNoVerification()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var keyManager = platform.CreateKeyManagerClient();
        var schedule = new { rotate_every_seconds = 600, announce_seconds = 300, retain_seconds = 4020 };
        using var changed = await keyManager.PutAsJsonAsync($"/internal/applications/{application.ClientId}/key-settings", schedule, Cancellation);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);

        using var finished = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        // A library's key is not made to be shared by threads before its first use, so each has its own copy of the keys, read at times of its own.
        CachingVerifier[] verifiers = [new(platform, application), new(platform, application)];
        Task[] load = [.. verifiers.Select(verifier => IssueAndVerifyAsync(application, verifier, finished.Token))];
        await using (var clock = new KeyClock(platform, application.ClientId))
        {
            for (var rotation = 0; rotation < Rotations; rotation++)
            {
                var active = await ActiveKidAsync(application);
                for (var i = 0; i < 3; i++)
                {
                    Array.ForEach(verifiers, verifier => verifier.Advance(Step));
                    await clock.AdvanceAsync(Step, Cancellation);
                }

                await Eventually.TrueAsync(async () => await ActiveKidAsync(application) != active, Cancellation);
            }
        }

        await finished.CancelAsync();
        await Task.WhenAll(load);
        Assert.Empty(_failures);
        var reads = verifiers.Sum(verifier => verifier.Reads);
        Assert.True(_verified >= Rotations && reads < 2 * _verified, $"{_verified} tokens, {reads} reads");

        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        var own = await keys.SigningKeys.Where(k => k.ClientId == application.ClientId).ToListAsync(Cancellation);
        Assert.Equal((Rotations + 2, 1, 1), (own.Count, own.Count(k => k.ActivatedAt is null), own.Count(k => k.ActivatedAt is not null && k.SupersededAt is null)));
        Assert.All(own, k => Assert.Equal(k.SupersededAt is null, k.PrivateKeyEncrypted is not null));
    }

    /// <summary>Each token at once, and once more when a later one was issued: by then its key may be retiring.</summary>
    private async Task IssueAndVerifyAsync(TestApplication application, CachingVerifier verifier, CancellationToken finished)
    {
        string? previous = null;
        while (!finished.IsCancellationRequested)
        {
            var token = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("access_token");
            foreach (var each in new[] { token, previous ?? token })
            {
                if (await verifier.RefusesAsync(each, Cancellation) is { } refusal)
                {
                    _failures.Enqueue(refusal);
                }

                var (status, body) = await platform.VerifyAsync(application, each, Cancellation);
                if (status != HttpStatusCode.OK)
                {
                    _failures.Enqueue($"/auth/verify answered {status}: {body}");
                }
            }

            previous = token;
            Interlocked.Increment(ref _verified);
        }
    }

    private async Task<string> ActiveKidAsync(TestApplication application)
    {
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        return await keys.SigningKeys
            .Where(k => k.ClientId == application.ClientId && k.ActivatedAt != null && k.SupersededAt == null)
            .Select(k => k.Kid)
            .SingleAsync(Cancellation);
    }

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
                using var response = await platform.Gateway.GetAsync($"/auth/{application.ClientId}/jwks", cancellationToken);
                _keys = JwkSet.FromJson(await response.Content.ReadAsStringAsync(cancellationToken), new JsonMapper());
                _goodUntil = now + response.Headers.CacheControl!.MaxAge!.Value.Ticks;
                Reads++;
            }

            return _keys;
        }
    }
}
