using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>The member <c>unique_key</c> of a request: the application's name for the user.</summary>
internal static class UniqueKeyRequest
{
    /// <summary>The name, or what is wrong with it.</summary>
    public static (string? UniqueKey, Problem? Problem) Parse(SignedRequest request) =>
        request.OptionalString("unique_key"u8) is not { Length: > 0 } uniqueKey ? (null, RequestProblems.Invalid("Missing unique_key"))
        : SessionLimits.Characters(uniqueKey) > SessionLimits.UniqueKey ? (null, RequestProblems.Invalid($"unique_key must be at most {SessionLimits.UniqueKey} characters"))
        : (uniqueKey, null);
}
