using System.Globalization;
using System.Net;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary><c>POST /auth/rotate-key</c> as an application sees it.</summary>
public sealed class KeyRotationTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RotateKey_WithoutTime_LetsTheAnnouncedKeySignAndKeepsTheOldOnePublished()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var before = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var announced = await KidsAsync(application);

        var (status, rotated) = await RotateAsync(application, "{}");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((before.Text("kid"), announced[0], 14 * 24 * 60), (rotated.Text("old_kid"), rotated.Text("new_kid"), rotated.GetProperty("rotate_after_minutes").GetInt32()));
        Assert.Empty(rotated.GetProperty("warnings").EnumerateArray());
        Assert.NotEmpty(rotated.Text("message"));
        Assert.Equal(TimeSpan.FromDays(14), Time(rotated, "old_key_expires_at") - Time(rotated, "effective_at"));
        Assert.Equal([rotated.Text("next_kid"), rotated.Text("new_kid"), rotated.Text("old_kid")], await KidsAsync(application));

        var after = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        Assert.Equal(rotated.Text("new_kid"), after.Text("kid"));
        foreach (var issued in new[] { before, after })
        {
            Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation)).Status);
        }
    }

    [Theory]
    [InlineData("""{"rotate_after":30}""", 67, 1)]
    [InlineData("""{"rotate_after":"30"}""", 67, 1)]
    [InlineData("""{"rotate_after":90}""", 90, 0)]
    public async Task RotateKey_WithMinutes_RaisesThemToWhatIsSafe(string body, int minutes, int warnings)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var (_, rotated) = await RotateAsync(application, body);

        Assert.Equal(minutes, rotated.GetProperty("rotate_after_minutes").GetInt32());
        Assert.Equal(TimeSpan.FromMinutes(minutes), Time(rotated, "old_key_expires_at") - Time(rotated, "effective_at"));
        Assert.Equal(warnings, rotated.GetProperty("warnings").GetArrayLength());
    }

    [Fact]
    public async Task RotateKey_WithZero_EndsTheOldKeyAtOnceForEverybody()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var before = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, before.Text("access_token"), Cancellation)).Status);

        var (_, rotated) = await RotateAsync(application, """{"rotate_after":0}""");

        Assert.Equal(Time(rotated, "effective_at"), Time(rotated, "old_key_expires_at"));
        Assert.Equal([rotated.Text("next_kid"), rotated.Text("new_kid")], await KidsAsync(application));
        // By its name: a Token API that cannot read the keys again has a copy with it.
        using var keyManager = platform.CreateKeyManagerClient();
        var changes = JsonElement.Parse(await keyManager.GetStringAsync(KeyManagerContract.ChangesAddress, Cancellation));
        Assert.Contains(rotated.Text("old_kid"), changes.GetProperty("revoked").EnumerateArray().Select(kid => kid.GetString()));
        await Eventually.RefusedByAllAsync(platform, application, before.Text("access_token"), Cancellation);
        Assert.Equal(rotated.Text("new_kid"), (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("kid"));
    }

    /// <summary>The second key was announced a minute ago: verifiers may hold a copy from before for four more.</summary>
    [Fact]
    public async Task RotateKey_Again_IsRefusedForAMinuteAndThenTakesEffectWhenEverybodyKnowsTheKey()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using var clock = new KeyClock(platform, application.ClientId);
        var (_, first) = await RotateAsync(application, "{}");

        using (var refused = await platform.Gateway.SendFreshAsync(() => SignedRequests.V2(application, "/auth/rotate-key", "{}"), Cancellation))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            Assert.Equal("too_many_rotations", (await refused.ReadJsonAsync(Cancellation)).Text("code"));
        }

        await clock.AdvanceAsync(TimeSpan.FromSeconds(61), Cancellation);
        var (status, second) = await RotateAsync(application, "{}");
        Assert.Equal((HttpStatusCode.OK, first.Text("new_kid"), first.Text("next_kid")), (status, second.Text("old_kid"), second.Text("new_kid")));
        Assert.InRange((Time(second, "effective_at") - TimeProvider.System.GetUtcNow()).TotalSeconds, 180, 239);
        Assert.Single(second.GetProperty("warnings").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next_kid").ValueKind);
        Assert.Equal(first.Text("new_kid"), (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("kid"));

        await clock.AdvanceAsync(TimeSpan.FromSeconds(240), Cancellation);
        await Eventually.TrueAsync(
            async () => (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("kid") == second.Text("new_kid"), Cancellation);
    }

    /// <summary>The clock of the database was a day ahead then, and is right now.</summary>
    [Fact]
    public async Task RotateKey_LastRotatedTomorrow_DoesNotWaitForThat()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using (var keys = await platform.OpenKeysDatabaseAsync(Cancellation))
        {
            await keys.Database.ExecuteSqlAsync($"UPDATE key_applications SET rotated_at = now() + interval '1 day' WHERE client_id = {application.ClientId}", Cancellation);
        }

        Assert.Equal(HttpStatusCode.OK, (await RotateAsync(application, "{}")).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task RotateKey_SameSignedRequestAgain_GivesTheFirstAnswerUntilThereIsANewerOne(int version)
    {
        var application = await platform.CreateApplicationAsync(a => a.MinimumSignatureVersion = 1, Cancellation);
        await using var clock = new KeyClock(platform, application.ClientId);
        var (timestamp, nonce) = (0L, "");
        var (_, first) = await platform.SendFreshAsync(Fresh, Cancellation);
        var (status, again) = await platform.SendFreshAsync(Request, Cancellation);
        Assert.Equal((HttpStatusCode.OK, first.GetRawText()), (status, again.GetRawText()));

        await clock.AdvanceAsync(TimeSpan.FromMinutes(10), Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await RotateAsync(application, """{"rotate_after":0}""")).Status);
        var (tooLate, problem) = await platform.SendFreshAsync(Request, Cancellation);
        Assert.Equal((HttpStatusCode.Unauthorized, "request_replayed"), (tooLate, problem.Text("code")));

        HttpRequestMessage Fresh()
        {
            (timestamp, nonce) = (SignedRequests.Now(), SignedRequests.Nonce());
            return Request();
        }

        HttpRequestMessage Request()
        {
            var body = $$"""{"timestamp":{{timestamp}}}""";
            return version == 1 ? SignedRequests.V1(application, "/auth/rotate-key", body) : SignedRequests.V2(application, "/auth/rotate-key", body, timestamp, nonce);
        }
    }

    [Fact]
    public async Task RotateKey_FiftyIdenticalRequestsAtOnce_RotateOnce()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var (timestamp, nonce) = (SignedRequests.Now(), SignedRequests.Nonce());
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => platform.SendAsync(SignedRequests.V2(application, "/auth/rotate-key", "{}", timestamp, nonce), Cancellation)));

        Assert.Single(answers.Where(a => a.Status == HttpStatusCode.OK).Select(a => a.Body.Text("new_kid")).Distinct());
        Assert.All(answers.Where(a => a.Status != HttpStatusCode.OK), a => Assert.Contains(a.Body.Text("code"), (string[])["request_replayed", "temporarily_unavailable"]));
        Assert.Equal(3, (await KidsAsync(application)).Length);
    }

    /// <summary>Each of them is in every copy of the JWKS, for as long as was asked.</summary>
    [Fact]
    public async Task RotateKey_WithFiftyOldKeysPublished_IsRefusedUntilOneLeavesUnlessItEndsTheOldKeyAtOnce()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using (var keys = await platform.OpenKeysDatabaseAsync(Cancellation))
        {
            await keys.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO signing_keys (id, kid, client_id, algorithm, key_size, public_key, created_at, announced_at, activated_at, superseded_at, expires_at)
                SELECT gen_random_uuid(), gen_random_uuid()::text, client_id, algorithm, key_size, public_key, created_at, announced_at, activated_at, now(),
                    now() + make_interval(hours => n)
                FROM signing_keys, generate_series(1, 50) AS n WHERE client_id = {application.ClientId} AND activated_at IS NOT NULL
                """,
                Cancellation);
        }

        using (var refused = await platform.Gateway.SendFreshAsync(() => SignedRequests.V2(application, "/auth/rotate-key", "{}"), Cancellation))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalMinutes, 50, 60);
            var problem = await refused.ReadJsonAsync(Cancellation);
            Assert.Equal("too_many_rotations", problem.Text("code"));
            Assert.StartsWith("50 old keys of this application are still in its JWKS", problem.Text("detail"), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await RotateAsync(application, """{"rotate_after":0}""")).Status);
    }

    /// <summary>By then the Key Manager may have carried it out, and only the Token API writes down who asked.</summary>
    [Fact]
    public async Task RotateKey_ByACallerWhoHangsUp_IsCarriedOutAndInTheAudit()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        await using (var transaction = await keys.Database.BeginTransactionAsync(Cancellation))
        {
            // The Key Manager waits for this lock before it changes anything.
            await keys.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended('signing_keys:' || {application.ClientId}, 0))", Cancellation);
            using var hangsUp = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var rotating = AuthPlatformFixture.SendAsync(platform.TokenApis[0], SignedRequests.V2(application, "/auth/rotate-key", "{}"), hangsUp.Token);
            await Eventually.TrueAsync(() => IsWaitedForAsync(keys, application), Cancellation);
            await hangsUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rotating);
            // Time enough to notice, for a Token API that has nothing else to do.
            await AuthPlatformFixture.SendAsync(platform.TokenApis[0], SignedRequests.V2(application, "/auth/verify", SignedRequests.VerifyBody("x")), Cancellation);
        }

        await using var auth = await platform.OpenAuthDatabaseAsync(Cancellation);
        await Eventually.TrueAsync(() => auth.AuditEvents.AnyAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.KeyRotated, Cancellation), Cancellation);
        Assert.Equal(3, (await KidsAsync(application)).Length);
    }

    [Theory]
    [InlineData("""{"rotate_after":-1}""")]
    [InlineData("""{"rotate_after":1.5}""")]
    [InlineData("""{"rotate_after":"soon"}""")]
    [InlineData("""{"rotate_after":false}""")]
    public async Task RotateKey_WithSomethingElse_SaysWhatItTakes(string body)
    {
        var (status, problem) = await RotateAsync(platform.Bootstrap, body);
        Assert.Equal((HttpStatusCode.BadRequest, "rotate_after must be a non-negative integer (minutes)"), (status, problem.Text("detail")));
    }

    /// <summary>Whether somebody waits for the lock of an application's keys, which is a number of 64 bits in two halves.</summary>
    private static Task<bool> IsWaitedForAsync(DbContext keys, TestApplication application) => keys.Database
        .SqlQuery<bool>(
            $"""
            SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND (classid::bigint << 32 | objid::bigint) = hashtextextended('signing_keys:' || {application.ClientId}, 0)) AS "Value"
            """)
        .SingleAsync(Cancellation);

    private static DateTimeOffset Time(JsonElement answer, string member) =>
        DateTimeOffset.ParseExact(answer.Text(member), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private Task<(HttpStatusCode Status, JsonElement Body)> RotateAsync(TestApplication application, string body) =>
        platform.SendSignedAsync(application, "/auth/rotate-key", () => body, Cancellation);

    private async Task<string[]> KidsAsync(TestApplication application) =>
        [.. JsonElement.Parse(await platform.Gateway.GetStringAsync($"/auth/{application.ClientId}/jwks", Cancellation)).GetProperty("keys").EnumerateArray().Select(k => k.Text("kid"))];
}
