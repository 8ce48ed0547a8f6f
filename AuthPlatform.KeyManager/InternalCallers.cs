using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;
using Microsoft.Extensions.Options;

namespace AuthPlatform.KeyManager;

/// <summary>Lets only those through who show one of the platform's internal secrets.</summary>
internal sealed class InternalCallers(IOptions<InternalCallOptions> options) : IEndpointFilter
{
    private const string Scheme = "Bearer ";

    private static readonly Problem Unknown =
        new(StatusCodes.Status401Unauthorized, ErrorCodes.InternalCallerUnknown, OAuthErrors.InvalidToken, "This route is for services of the platform");

    /// <summary>Hashes have one length, so comparing them tells nothing about the length of a secret either.</summary>
    private readonly byte[][] _hashes = [.. options.Value.Secrets.Select(secret => SHA256.HashData(Encoding.ASCII.GetBytes(secret)))];

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (IsKnown(context.HttpContext.Request.Headers.Authorization.ToString()))
        {
            return await next(context);
        }

        await ProblemResponse.WriteAsync(context.HttpContext, Unknown);
        return Results.Empty;
    }

    internal bool IsKnown(string authorization)
    {
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var shown = SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..]));
        var known = false;
        foreach (var hash in _hashes)
        {
            // Always all of them: the time must not tell which one was right.
            known |= CryptographicOperations.FixedTimeEquals(shown, hash);
        }

        return known;
    }
}
