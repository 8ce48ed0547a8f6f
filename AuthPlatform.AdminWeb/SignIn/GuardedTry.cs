using System.Globalization;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>
/// What may be a guess, at a sign-in or in a session that somebody has taken over: it is counted before it is looked at, written down when it is refused, and taken back from the
/// count when it was right.
/// </summary>
internal sealed class GuardedTry(SignInDelays delays, SignInRefusals refusals, IHttpContextAccessor accessor, IStringLocalizer<Texts> texts)
{
    /// <summary>What a right one proves; null for a wrong one, and for one that comes too soon, with what to say of that then.</summary>
    /// <param name="what">What is guessed.</param>
    /// <param name="person">Whose it is, as it is counted: a name as it was entered, or an id; null where nobody is named.</param>
    /// <param name="userName">Whose it is, as it is written down; null where nobody is named.</param>
    /// <param name="refusal">Why a wrong one is refused, as it is written down.</param>
    /// <param name="look">Looks at it; null when it is wrong.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(T? Proof, string? TooSoon)> RunAsync<T>(string what, string? person, string? userName, string refusal, Func<Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        var context = accessor.HttpContext!;
        var address = context.Connection.RemoteIpAddress;
        if (await delays.TryAsync(what, person, address, cancellationToken) is { } seconds)
        {
            refusals.Add(context, SignInRefusals.TooManyTries, userName);
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return (null, texts["Too many tries. Wait {0} seconds.", seconds].Value);
        }

        if (await look() is not { } proof)
        {
            refusals.Add(context, refusal, userName);
            return (null, null);
        }

        await delays.ForgiveAsync(what, person, address, cancellationToken);
        return (proof, null);
    }
}
