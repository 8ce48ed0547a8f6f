using System.Text;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>The checked body of <c>POST /auth/token</c>.</summary>
internal sealed record IssueRequest(string UniqueKey, string Device, string Ip, string? Scope, JsonElement? Claims)
{
    /// <summary>Reads the body, or says which member is wrong.</summary>
    public static (IssueRequest? Request, Problem? Problem) Parse(SignedRequest request)
    {
        var (uniqueKey, device, ip, problem) = UserPlaceRequest.ParseUser(request);
        if (uniqueKey is null)
        {
            return (null, problem);
        }

        if (request.OptionalString("scope"u8) is not { } scope || (scope.Length > 0 && !ScopeText.IsWellFormed(scope)))
        {
            return Invalid($"scope must be words of printable ASCII without '\"' and '\\', separated by single spaces, at most {SessionLimits.Scope} characters");
        }

        (var claims, problem) = ParseClaims(request.Body);
        return problem is null ? (new IssueRequest(uniqueKey, device, ip, scope.Length > 0 ? scope : null, claims), null) : (null, problem);
    }

    private static (JsonElement? Claims, Problem? Problem) ParseClaims(JsonElement body)
    {
        if (!body.TryGetProperty("claims"u8, out var claims) || claims.ValueKind == JsonValueKind.Null)
        {
            return (null, null);
        }

        if (claims.ValueKind != JsonValueKind.Object || Encoding.UTF8.GetByteCount(claims.GetRawText()) > SessionLimits.Claims)
        {
            return (null, RequestProblems.Invalid($"claims must be an object of at most {SessionLimits.Claims} bytes"));
        }

        foreach (var claim in claims.EnumerateObject())
        {
            if (TokenNames.Reserved.Contains(claim.Name))
            {
                return (null, RequestProblems.Invalid($"claims must not contain '{claim.Name}': the platform sets it, or libraries give it a meaning"));
            }
        }

        return (claims, null);
    }

    private static (IssueRequest?, Problem) Invalid(string detail) => (null, RequestProblems.Invalid(detail));
}
