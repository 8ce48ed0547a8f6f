using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>The checked body of <c>POST /auth/revoke</c>: one of the three is there, never more. They are parts of the request's body, and last as long as that.</summary>
/// <param name="Tokens">Tokens whose sessions are to end; strings.</param>
/// <param name="SessionIds">What stands for the ids of sessions; strings.</param>
/// <param name="User">The user whose sessions are to end.</param>
internal sealed record RevokeRequest(IReadOnlyList<JsonElement>? Tokens, IReadOnlyList<JsonElement>? SessionIds, RevokedUser? User)
{
    private const int MostNamed = 200;

    private static readonly Problem MoreThanOne = RequestProblems.Invalid("Give one of token, session_id and unique_key, not several");
    private static readonly Problem NotForThisEndpoint = RequestProblems.SignatureVersionTooOld with { Detail = "unique_key needs a version 2 signature here: version 1 does not say for which endpoint" };
    private static readonly Problem MissingSessionId = RequestProblems.Invalid("Missing or invalid 'session_id' field");

    /// <summary>Reads the body, or says which member is wrong.</summary>
    public static (RevokeRequest? Request, Problem? Problem) Parse(SignedRequest request)
    {
        var body = request.Body;
        return (IsGiven(body, "token"u8), IsGiven(body, "session_id"u8), IsGiven(body, "unique_key"u8)) switch
        {
            (true, true, _) or (true, _, true) or (_, true, true) => (null, MoreThanOne),
            (_, _, true) => ParseUser(request),
            (_, true, _) => ParseSessionIds(body),
            _ => ParseTokens(body),
        };
    }

    /// <summary>A client that writes null for what it leaves out has not given it.</summary>
    private static bool IsGiven(JsonElement body, ReadOnlySpan<byte> name) => body.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null;

    private static (RevokeRequest? Request, Problem? Problem) ParseTokens(JsonElement body) =>
        Listed(body, "token"u8) is not { } tokens ? (null, TokenProblems.MissingToken)
        : tokens.Count > MostNamed ? (null, RequestProblems.Invalid($"token must be a list of at most {MostNamed} tokens; it has {tokens.Count}"))
        : (new RevokeRequest(tokens, null, null), null);

    private static (RevokeRequest? Request, Problem? Problem) ParseSessionIds(JsonElement body) =>
        Listed(body, "session_id"u8) is not { } ids ? (null, MissingSessionId)
        : ids.Count > MostNamed ? (null, RequestProblems.Invalid($"session_id must be a list of at most {MostNamed} ids; it has {ids.Count}"))
        : (new RevokeRequest(null, ids, null), null);

    private static (RevokeRequest? Request, Problem? Problem) ParseUser(SignedRequest request)
    {
        // Whoever reads on the way what was meant for /auth/token could sign the user out instead of in; and version 1 may come again and again.
        if (request.Version == 1)
        {
            return (null, NotForThisEndpoint);
        }

        var (uniqueKey, device, ip, problem) = UserPlaceRequest.ParseUser(request);
        if (uniqueKey is null)
        {
            return (null, problem);
        }

        var place = UserPlace.Kept(request.Application, device, ip);
        return device.Length > 0 && place.Device.Length == 0 ? (null, NotKept("device"))
            : ip.Length > 0 && place.Ip.Length == 0 ? (null, NotKept("ip"))
            : (new RevokeRequest(null, null, new RevokedUser(uniqueKey, place)), null);
    }

    /// <summary>Neither all of a user's sessions nor none of them would be what was asked for.</summary>
    private static Problem NotKept(string member) => RequestProblems.Invalid($"{member} cannot tell sessions apart: the application does not keep it. Leave it out, or give session_id");

    /// <summary>The strings of a list, without its nulls, or the one string; null when it is anything else, or empty.</summary>
    private static List<JsonElement>? Listed(JsonElement body, ReadOnlySpan<byte> name)
    {
        if (!body.TryGetProperty(name, out var member))
        {
            return null;
        }

        if (member.ValueKind == JsonValueKind.String)
        {
            return member.ValueEquals(""u8) ? null : [member];
        }

        return member.ValueKind != JsonValueKind.Array || member.EnumerateArray().Any(item => item.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            ? null
            : [.. member.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String)];
    }
}

/// <summary>A user whose sessions are to end.</summary>
/// <param name="UniqueKey">The application's name for the user.</param>
/// <param name="Place">Where, as the application keeps it; what is empty does not matter.</param>
internal sealed record RevokedUser(string UniqueKey, UserPlace Place);
