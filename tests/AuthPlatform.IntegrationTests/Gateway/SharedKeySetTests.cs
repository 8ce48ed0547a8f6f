using System.Net;
using System.Net.Sockets;
using System.Text;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>Many who ask for the same keys at once.</summary>
public sealed class SharedKeySetTests(StandInKeyManager keyManager) : IClassFixture<StandInKeyManager>, IAsyncLifetime
{
    private const string Keys = """{"keys":[]}""";
    private const string Version = "\"one\"";

    private readonly string _shop = "shop-" + SignedRequests.Nonce();
    private readonly TaskCompletionSource _mayAnswer = new();
    private int _asked;
    private volatile bool _breaksOff;
    private volatile IReadOnlyList<string> _headers = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await keyManager.AnswerByAsync(AnswerAsync);

    /// <summary>Whatever became of the test: nobody waits any longer.</summary>
    public ValueTask DisposeAsync()
    {
        _mayAnswer.TrySetResult();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Jwks_AskedByManyWhileOneIsUnderWay_IsReadForAllOfThemTogether()
    {
        var first = GetAsync(_shop, null);
        await keyManager.UntilUnderWayAsync(1);
        Task<(HttpStatusCode Status, string Answer)>[] others = [.. Enumerable.Range(0, 30).Select(_ => GetAsync(_shop, null)), GetAsync("forum", null)];
        var unchanged = GetAsync(_shop, Version);
        await keyManager.UntilUnderWayAsync(33);
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref _asked) >= 3), Cancellation);
        _mayAnswer.SetResult();

        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal((HttpStatusCode.OK, $"application/jwk-set+json {Version} * {Keys}"), answer));
        Assert.Equal((HttpStatusCode.NotModified, $" {Version} * "), await unchanged);
        // Whoever had not quite arrived is in a later one.
        Assert.InRange(Volatile.Read(ref _asked), 4, 10);
    }

    [Fact]
    public async Task Jwks_WhoeverReadsItForOthersHangsUp_TheyGetIt()
    {
        using var hangingUp = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var first = GetAsync(_shop, null);
        await keyManager.UntilUnderWayAsync(1);
        var reader = keyManager.Gateway.GetAsync(Address(_shop), hangingUp.Token);
        await keyManager.UntilUnderWayAsync(2);
        Task<(HttpStatusCode Status, string Answer)>[] others = [.. Enumerable.Range(0, 5).Select(_ => GetAsync(_shop, null))];
        await keyManager.UntilUnderWayAsync(7);
        await hangingUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        _mayAnswer.SetResult();

        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    /// <summary>Whatever a stranger sends along, or does not send: others who ask meanwhile have nothing to do with it.</summary>
    [Fact]
    public async Task Jwks_AskedByAStrangerWithABodyThatNeverComes_HoldsNobodyUp()
    {
        var first = GetAsync(_shop, null);
        await keyManager.UntilUnderWayAsync(1);
        using var stranger = new TcpClient();
        await stranger.ConnectAsync(keyManager.Gateway.BaseAddress!.Host, keyManager.Gateway.BaseAddress.Port, Cancellation);
        await stranger.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {Address(_shop)} HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100\r\n\r\n"), Cancellation);
        await keyManager.UntilUnderWayAsync(2);
        Task<(HttpStatusCode Status, string Answer)>[] others = [.. Enumerable.Range(0, 5).Select(_ => GetAsync(_shop, null))];
        // The stranger is refused after some seconds.
        await keyManager.UntilUnderWayAsync(6, 7);
        _mayAnswer.SetResult();

        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    [Fact]
    public async Task Jwks_WhoeverReadsItForOthers_PassesNothingOfTheirOwnOn()
    {
        _mayAnswer.SetResult();
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(_shop));
        request.Headers.TryAddWithoutValidation("If-None-Match", Version);
        request.Headers.Add("X-Stranger", "1");
        request.Headers.Add("Cookie", "stranger=1");
        using var response = await keyManager.Gateway.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.DoesNotContain(_headers, header => header is "X-Stranger" or "Cookie");
    }

    /// <summary>Half a set is worse than none.</summary>
    [Fact]
    public async Task Jwks_ThatBreaksOff_IsAnErrorForThoseWhoShareItAndReadAgain()
    {
        _breaksOff = true;
        var first = GetAsync(_shop, null);
        await keyManager.UntilUnderWayAsync(1);
        Task<(HttpStatusCode Status, string Answer)>[] others = [.. Enumerable.Range(0, 5).Select(_ => GetAsync(_shop, null))];
        await keyManager.UntilUnderWayAsync(6);
        _mayAnswer.SetResult();
        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status));

        _breaksOff = false;
        await Eventually.TrueAsync(async () => (await GetAsync(_shop, null)).Status == HttpStatusCode.OK, Cancellation);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _asked);
        _headers = [.. context.Request.Headers.Keys];
        await _mayAnswer.Task.WaitAsync(Cancellation);
        var response = context.Response;
        (response.Headers.ETag, response.Headers.AccessControlAllowOrigin) = (Version, "*");
        if (context.Request.Headers.IfNoneMatch == Version)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        (response.ContentType, response.ContentLength) = ("application/jwk-set+json", Keys.Length);
        if (_breaksOff)
        {
            await response.WriteAsync(Keys[..5], Cancellation);
            context.Abort();
            return;
        }

        await response.WriteAsync(Keys, Cancellation);
    }

    private async Task<(HttpStatusCode Status, string Answer)> GetAsync(string clientId, string? known)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(clientId));
        request.Headers.TryAddWithoutValidation("If-None-Match", known);
        using var response = await keyManager.Gateway.SendAsync(request, Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        var origin = response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
        return (response.StatusCode, $"{response.Content.Headers.ContentType} {response.Headers.ETag} {origin} {body}");
    }

    private static Uri Address(string clientId) => new($"/auth/{clientId}/jwks", UriKind.Relative);
}
