using System.Globalization;
using System.Net;
using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;

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

        using (var request = SignedRequests.V2(application, "/auth/rotate-key", "{}"))
        using (var refused = await platform.Gateway.SendAsync(request, Cancellation))
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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task RotateKey_SameSignedRequestAgain_GivesTheFirstAnswerUntilThereIsANewerOne(int version)
    {
        var application = await platform.CreateApplicationAsync(a => a.MinimumSignatureVersion = 1, Cancellation);
        await using var clock = new KeyClock(platform, application.ClientId);
        var (timestamp, nonce) = (SignedRequests.Now(), SignedRequests.Nonce());
        var body = $$"""{"timestamp":{{timestamp}}}""";
        HttpRequestMessage Request() => version == 1
            ? SignedRequests.V1(application, "/auth/rotate-key", body)
            : SignedRequests.V2(application, "/auth/rotate-key", body, timestamp, nonce);

        var (_, first) = await platform.SendAsync(Request(), Cancellation);
        var (status, again) = await platform.SendAsync(Request(), Cancellation);
        Assert.Equal((HttpStatusCode.OK, first.GetRawText()), (status, again.GetRawText()));

        await clock.AdvanceAsync(TimeSpan.FromMinutes(10), Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await RotateAsync(application, """{"rotate_after":0}""")).Status);
        var (tooLate, problem) = await platform.SendAsync(Request(), Cancellation);
        Assert.Equal((HttpStatusCode.Unauthorized, "request_replayed"), (tooLate, problem.Text("code")));
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

    private static DateTimeOffset Time(JsonElement answer, string member) =>
        DateTimeOffset.ParseExact(answer.Text(member), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private Task<(HttpStatusCode Status, JsonElement Body)> RotateAsync(TestApplication application, string body) =>
        platform.SendSignedAsync(application, "/auth/rotate-key", () => body, Cancellation);

    private async Task<string[]> KidsAsync(TestApplication application) =>
        [.. JsonElement.Parse(await platform.Gateway.GetStringAsync($"/auth/{application.ClientId}/jwks", Cancellation)).GetProperty("keys").EnumerateArray().Select(k => k.Text("kid"))];
}
