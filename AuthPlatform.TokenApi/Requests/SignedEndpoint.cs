namespace AuthPlatform.TokenApi.Requests;

/// <summary>What request authentication must know of an endpoint.</summary>
/// <param name="Name">Short name that replay memory keeps; never changes once released.</param>
/// <param name="MaxBodyBytes">Larger bodies are refused with 413.</param>
internal sealed record SignedEndpoint(string Name, int MaxBodyBytes)
{
    public const string Json = "application/json";
    public const string Form = "application/x-www-form-urlencoded";

    /// <summary>The one media type of bodies that is taken; null where there is no body.</summary>
    public string? MediaType { get; init; } = Json;

    /// <summary>Whether the same v1 signature may come again: old clients resend questions, never commands.</summary>
    public bool MayRepeatV1 { get; init; }

    /// <summary>Whether a repeated request comes through, marked as such: its endpoint carries nothing out twice, but can give the first answer again.</summary>
    public bool AnswersRepeats { get; init; }

    public static SignedEndpoint Token { get; } = new("token", 64 * 1024);

    public static SignedEndpoint Refresh { get; } = new("refresh", 64 * 1024);

    public static SignedEndpoint Revoke { get; } = new("revoke", 256 * 1024) { MayRepeatV1 = true };

    public static SignedEndpoint Verify { get; } = new("verify", 64 * 1024) { MayRepeatV1 = true };

    public static SignedEndpoint OAuthToken { get; } = new("oauth_token", 64 * 1024) { MediaType = Form };

    public static SignedEndpoint OAuthRevoke { get; } = new("oauth_revoke", 64 * 1024) { MediaType = Form };

    public static SignedEndpoint Revocations { get; } = new("revocations", 0) { MediaType = null };

    public static SignedEndpoint Introspect { get; } = new("introspect", 64 * 1024) { MediaType = Form };

    public static SignedEndpoint RotateKey { get; } = new("rotate-key", 64 * 1024) { AnswersRepeats = true };
}
