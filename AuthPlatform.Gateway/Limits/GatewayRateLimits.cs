using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;
using Microsoft.Extensions.Options;

namespace AuthPlatform.Gateway.Limits;

/// <summary>
/// 429 with <c>Retry-After</c> (RFC 6585 §4) for callers that ask too much. What an application did, and which signatures were wrong, shows in the answer: both are
/// counted then, so that nobody can use up the limit of somebody else by merely naming them.
/// </summary>
internal sealed class GatewayRateLimits(RequestDelegate next, IOptions<LimitOptions> options, GatewayMetrics metrics, LimitedCallers limited) : IDisposable
{
    private readonly Limit<ulong> _addresses = new(options.Value.Address);
    private readonly Limit<ulong> _publicKeys = new(options.Value.PublicKeys);
    private readonly Limit<string> _applications = new(options.Value.Application);
    private readonly Limit<Caller> _failures = new(options.Value.FailedSignatures);

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/health"))
        {
            await next(context);
            return;
        }

        var caller = Caller.Of(context);
        if (Reached(context.Request, caller) is { } limit)
        {
            metrics.Limited(limit);
            limited.Tell(limit, context.Connection.RemoteIpAddress, caller);
            await ProblemResponse.WriteAsync(context, TooManyRequests(limit));
            return;
        }

        if (caller.ClientId.Length > 0)
        {
            CountWhenItBegins(context, caller);
        }

        await next(context);
    }

    public void Dispose()
    {
        _addresses.Dispose();
        _publicKeys.Dispose();
        _applications.Dispose();
        _failures.Dispose();
    }

    private string? Reached(HttpRequest request, Caller caller)
    {
        if (!_addresses.TryUse(caller.Network))
        {
            return "address";
        }

        if (PublicReads.IsOne(request) && !_publicKeys.TryUse(caller.Network))
        {
            return "public keys";
        }

        return caller.ClientId.Length == 0 ? null
            : !_failures.IsOpen(caller) ? "failed signatures"
            : !_applications.IsOpen(caller.ClientId) ? "application"
            : null;
    }

    /// <summary>What succeeds with the secret of an application only.</summary>
    private static bool NeedsSecret(HttpRequest request) => request.Path.StartsWithSegments("/auth") && (HttpMethods.IsPost(request.Method) || PublicReads.IsFeed(request));

    /// <summary>The answer of a stream of revocations may end days later.</summary>
    private void CountWhenItBegins(HttpContext context, Caller caller) => context.Response.OnStarting(() =>
    {
        Count(context, caller);
        return Task.CompletedTask;
    });

    private void Count(HttpContext context, Caller caller)
    {
        var response = context.Response;
        if (response.StatusCode == StatusCodes.Status401Unauthorized)
        {
            // A token that is refused has a Bearer challenge; that is everyday life.
            if (!response.Headers.WWWAuthenticate.ToString().StartsWith("Bearer", StringComparison.Ordinal))
            {
                _failures.TryUse(caller);
            }
        }
        else if (response.StatusCode < 300 && NeedsSecret(context.Request))
        {
            _applications.TryUse(caller.ClientId);
        }
    }

    private static Problem TooManyRequests(string limit) =>
        new(StatusCodes.Status429TooManyRequests, ErrorCodes.TooManyRequests, OAuthErrors.TemporarilyUnavailable, $"Too many requests (limit: {limit}); try again in a second")
        {
            RetryAfterSeconds = 1,
        };
}
