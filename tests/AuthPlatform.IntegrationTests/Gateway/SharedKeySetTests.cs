using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>Many who ask for the same keys at once.</summary>
public sealed partial class SharedKeySetTests(AuthPlatformFixture platform) : IAsyncLifetime
{
    private const string Keys = """{"keys":[]}""";
    private const string Version = "\"one\"";

    private readonly TaskCompletionSource _mayAnswer = new();
    private readonly HttpClient _metrics = new();
    private StandInReplica _keyManager = null!;
    private RunningService _gateway = null!;
    private volatile bool _breaksOff;
    private volatile IReadOnlyList<string> _headers = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _keyManager = await StandInReplica.StartAsync(AnswerAsync, Cancellation);
        _gateway = await GatewayProcess.StartAsync(platform, new() { ["services__key-manager__http__0"] = _keyManager.Address, ["Metrics__Port"] = "0" }, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        _gateway.Dispose();
        await _keyManager.DisposeAsync();
    }

    [Fact]
    public async Task Jwks_AskedByManyWhileOneIsUnderWay_IsReadForAllOfThemTogether()
    {
        var first = GetAsync("shop", null);
        await UntilUnderWayAsync(1);
        Task<(HttpStatusCode Status, string Answer)>[] others = [.. Enumerable.Range(0, 30).Select(_ => GetAsync("shop", null)), GetAsync("forum", null)];
        var unchanged = GetAsync("shop", Version);
        await UntilUnderWayAsync(33);
        await Eventually.TrueAsync(() => Task.FromResult(_keyManager.Asked >= 3), Cancellation);
        _mayAnswer.SetResult();

        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal((HttpStatusCode.OK, $"application/jwk-set+json {Version} * {Keys}"), answer));
        Assert.Equal((HttpStatusCode.NotModified, $" {Version} * "), await unchanged);
        // Whoever had not quite arrived is in a later one.
        Assert.InRange(_keyManager.Asked, 4, 10);
    }

    [Fact]
    public async Task Jwks_WhoeverReadsItForOthersHangsUp_TheyGetIt()
    {
        using var hangingUp = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var first = GetAsync("shop", null);
        await UntilUnderWayAsync(1);
        var reader = _gateway.Http.GetAsync(Address("shop"), hangingUp.Token);
        await UntilUnderWayAsync(2);
        Task<(HttpStatusCode Status, string Answer)>[] others = [.. Enumerable.Range(0, 5).Select(_ => GetAsync("shop", null))];
        await UntilUnderWayAsync(7);
        await hangingUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        _mayAnswer.SetResult();

        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    /// <summary>Whatever a stranger sends along, or does not send: others who ask meanwhile have nothing to do with it.</summary>
    [Fact]
    public async Task Jwks_AskedByAStrangerWithABodyThatNeverComes_HoldsNobodyUp()
    {
        var first = GetAsync("shop", null);
        await UntilUnderWayAsync(1);
        using var stranger = new TcpClient();
        await stranger.ConnectAsync(_gateway.Http.BaseAddress!.Host, _gateway.Http.BaseAddress.Port, Cancellation);
        await stranger.GetStream().WriteAsync("GET /auth/shop/jwks HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100\r\n\r\n"u8.ToArray(), Cancellation);
        await UntilUnderWayAsync(2);
        Task<(HttpStatusCode Status, string Answer)>[] others = [.. Enumerable.Range(0, 5).Select(_ => GetAsync("shop", null))];
        // The stranger is refused after some seconds.
        await UntilUnderWayAsync(6, 7);
        _mayAnswer.SetResult();

        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    [Fact]
    public async Task Jwks_WhoeverReadsItForOthers_PassesNothingOfTheirOwnOn()
    {
        _mayAnswer.SetResult();
        using var request = new HttpRequestMessage(HttpMethod.Get, Address("shop"));
        request.Headers.TryAddWithoutValidation("If-None-Match", Version);
        request.Headers.Add("X-Stranger", "1");
        request.Headers.Add("Cookie", "stranger=1");
        using var response = await _gateway.Http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.DoesNotContain(_headers, header => header is "X-Stranger" or "Cookie");
    }

    /// <summary>Half a set is worse than none.</summary>
    [Fact]
    public async Task Jwks_ThatBreaksOff_IsAnErrorForThoseWhoShareItAndReadAgain()
    {
        _breaksOff = true;
        var first = GetAsync("shop", null);
        await UntilUnderWayAsync(1);
        Task<(HttpStatusCode Status, string Answer)>[] others = [.. Enumerable.Range(0, 5).Select(_ => GetAsync("shop", null))];
        await UntilUnderWayAsync(6);
        _mayAnswer.SetResult();
        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status));

        _breaksOff = false;
        await Eventually.TrueAsync(async () => (await GetAsync("shop", null)).Status == HttpStatusCode.OK, Cancellation);
    }

    private async Task AnswerAsync(HttpContext context)
    {
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
        using var response = await _gateway.Http.SendAsync(request, Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        var origin = response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
        return (response.StatusCode, $"{response.Content.Headers.ContentType} {response.Headers.ETag} {origin} {body}");
    }

    private static Uri Address(string clientId) => new($"/auth/{clientId}/jwks", UriKind.Relative);

    /// <summary>Until there are so many, or so many.</summary>
    private Task UntilUnderWayAsync(params int[] requests) => Eventually.TrueAsync(
        async () =>
        {
            var scraped = await _metrics.GetStringAsync(_gateway.Metrics, Cancellation);
            return requests.Contains(ActiveRequests().Matches(scraped).Sum(match => int.Parse(match.Groups[1].ValueSpan, null)));
        },
        Cancellation);

    [GeneratedRegex(@"^http_server_active_requests\{[^}]*\} (\d+)", RegexOptions.Multiline)]
    private static partial Regex ActiveRequests();
}
