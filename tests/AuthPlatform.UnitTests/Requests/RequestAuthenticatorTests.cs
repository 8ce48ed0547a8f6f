using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Contracts.Signing;
using AuthPlatform.TokenApi.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.Requests;

public sealed class RequestAuthenticatorTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ApplicationSnapshots _applications;
    private readonly RequestAuthenticator _authenticator;
    private bool _isParsed;

    public RequestAuthenticatorTests()
    {
        // No application can have the name below, so the database is not asked; and nothing comes as far as the memory of used requests.
        _applications = new ApplicationSnapshots(null!, _services.GetRequiredService<IMeterFactory>(), _clock, NullLogger<ApplicationSnapshots>.Instance);
        _authenticator = new RequestAuthenticator(
            new SignatureAuthenticator(_applications, null!, null!, null!, Options.Create(new SignedRequestOptions()), _clock));
    }

    public void Dispose()
    {
        _applications.Dispose();
        _services.Dispose();
    }

    /// <summary>Anybody can send a large one. The timestamp of version 1 is in it; that of version 2 is not.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task Body_OfAStranger_IsParsedOnlyForItsTimestamp(int version, bool isParsed)
    {
        var (request, problem) = await WatchedAsync(Context(version, "{ no JSON"));

        Assert.Null(request);
        Assert.Equal(version == 1 ? RequestProblems.InvalidJson : RequestProblems.InvalidSignature, problem);
        Assert.Equal(isParsed, _isParsed);
    }

    /// <summary>Nothing here waits, so that it all happens on this thread; whoever parses what is no JSON meets an exception.</summary>
    private async Task<(SignedRequest? Request, Problem? Problem)> WatchedAsync(HttpContext context)
    {
        var thread = Environment.CurrentManagedThreadId;
        AppDomain.CurrentDomain.FirstChanceException += Note;
        try
        {
            return await _authenticator.AuthenticateAsync(context, SignedEndpoint.Revoke);
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Note;
        }

        void Note(object? sender, FirstChanceExceptionEventArgs thrown) => _isParsed |= thrown.Exception is JsonException && Environment.CurrentManagedThreadId == thread;
    }

    private DefaultHttpContext Context(int version, string body)
    {
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/auth/revoke";
        context.Request.Method = HttpMethods.Post;
        context.Request.ContentType = SignedEndpoint.Json;
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        var headers = context.Request.Headers;
        headers[SigningHeaders.ClientId] = "nobody's name";
        headers[SigningHeaders.Signature] = (version == 2 ? RequestSignatureV2.Prefix : "") + Convert.ToBase64String(new byte[32]);
        headers[SigningHeaders.Timestamp] = _clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        headers[SigningHeaders.Nonce] = new string('n', 24);
        return context;
    }
}
