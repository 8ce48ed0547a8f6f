using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>
/// A browser as far as forms, cookies and redirects go. It keeps Secure cookies for http://localhost, as browsers do and <see cref="CookieContainer"/> does not.
/// </summary>
internal sealed partial class AdminBrowser : IDisposable
{
    private readonly HttpClient _http;

    private AdminBrowser(Uri gateway, IPAddress? address)
    {
        var handler = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false };
        if (address is not null)
        {
            handler.ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(address, 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        _http = new HttpClient(handler) { BaseAddress = gateway };
    }

    /// <summary>As of any browser, which asks for much at once: answers write them while requests read them.</summary>
    public ConcurrentDictionary<string, string> Cookies { get; } = new();

    /// <summary>What it calls itself.</summary>
    public string UserAgent { get; set; } = "";

    /// <summary>
    /// Opens one, on a computer of its own when an address is given. This machine has no IPv6 addresses to choose from: of such a one it is said to the pages, past the gateway,
    /// what that would say of it.
    /// </summary>
    public static async Task<AdminBrowser> OpenAsync(AuthPlatformFixture platform, CancellationToken cancellationToken, IPAddress? address = null)
    {
        await platform.App.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.AdminWeb, cancellationToken).WaitAsync(TimeSpan.FromMinutes(10), cancellationToken);
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            return new AdminBrowser(platform.Gateway.BaseAddress!, address);
        }

        var browser = new AdminBrowser(platform.App.GetEndpoint(ResourceNames.AdminWeb), null);
        browser._http.DefaultRequestHeaders.Add("X-Forwarded-For", address.ToString());
        return browser;
    }

    /// <summary>Opens one before an Admin Web of a test's own, past any gateway.</summary>
    public static AdminBrowser OpenAt(Uri adminWeb) => new(adminWeb, null);

    public void Dispose() => _http.Dispose();

    public async Task<AdminPage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
            if (!Cookies.IsEmpty)
            {
                request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            }

            using var response = await _http.SendAsync(request, cancellationToken);
            Keep(response);
            var html = await response.Content.ReadAsStringAsync(cancellationToken);
            return new AdminPage(request.RequestUri!.ToString(), response.StatusCode, response.Headers.Location?.OriginalString, Headers(response), html);
        }
    }

    public Task<AdminPage> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);

    /// <summary>Follows redirects, at most ten.</summary>
    public async Task<AdminPage> BrowseAsync(string path, CancellationToken cancellationToken)
    {
        var page = await GetAsync(path, cancellationToken);
        for (var steps = 0; page.Location is { } location && steps < 10; steps++)
        {
            page = await GetAsync(location, cancellationToken);
        }

        return page;
    }

    /// <summary>Sends a form with the antiforgery token of the page it stands on.</summary>
    public Task<AdminPage> SubmitAsync(AdminPage page, string path, CancellationToken cancellationToken, params (string Name, string Value)[] fields) =>
        SendAsync(
            new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent([.. fields.Select(f => KeyValuePair.Create(f.Name, f.Value)), KeyValuePair.Create("__RequestVerificationToken", page.Token)]),
            },
            cancellationToken);

    /// <summary>The same, for a page whose form goes to its own address.</summary>
    public async Task<AdminPage> FillAsync(string path, CancellationToken cancellationToken, params (string Name, string Value)[] fields) =>
        await SubmitAsync(await GetAsync(path, cancellationToken), path, cancellationToken, fields);

    private static Dictionary<string, string> Headers(HttpResponseMessage response) =>
        response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).ToDictionary(h => h.Key, h => h.Value.ToString());

    private void Keep(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Set-Cookie", out var cookies))
        {
            return;
        }

        foreach (var cookie in cookies)
        {
            var pair = cookie.Split(';')[0].Split('=', 2);
            if (cookie.Contains("expires=Thu, 01 Jan 1970", StringComparison.OrdinalIgnoreCase))
            {
                Cookies.TryRemove(pair[0], out _);
            }
            else
            {
                Cookies[pair[0]] = pair[1];
            }
        }
    }

    internal static partial class Patterns
    {
        [GeneratedRegex("""name="__RequestVerificationToken" type="hidden" value="([^"]+)""")]
        public static partial Regex Token();
    }
}

/// <summary>An answer, read.</summary>
internal sealed record AdminPage(string Address, HttpStatusCode Status, string? Location, IReadOnlyDictionary<string, string> Headers, string Html)
{
    /// <summary>The antiforgery token of its forms; all forms of a page have the same.</summary>
    public string Token => AdminBrowser.Patterns.Token().Match(Html) is { Success: true } match
        ? match.Groups[1].Value
        : throw new InvalidOperationException($"{Address} answered {Status} {Location} without a form: {Html[..Math.Min(Html.Length, 2000)]}");

    /// <summary>Its text as a person reads it, without markup.</summary>
    public string Text => WebUtility.HtmlDecode(Regex.Replace(Html, "<[^>]+>", " "));
}
