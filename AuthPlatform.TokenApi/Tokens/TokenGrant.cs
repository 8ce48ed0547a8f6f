using System.Text.Json;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>What a pair of tokens of one session and generation says.</summary>
internal sealed record TokenGrant
{
    public required Application Application { get; init; }

    public required Guid SessionId { get; init; }

    public required int Generation { get; init; }

    public required string UniqueKey { get; init; }

    public required string? Scope { get; init; }

    /// <summary>The application's own claims.</summary>
    public required JsonElement? Claims { get; init; }

    /// <summary>When the session got this generation. The refresh token is made of this, not of the time at hand, so that a retry gets the same bytes.</summary>
    public required DateTimeOffset RefreshedAt { get; init; }

    public required DateTimeOffset RefreshExpiresAt { get; init; }

    public required DateTimeOffset AccessIssuedAt { get; init; }

    public required DateTimeOffset AccessExpiresAt { get; init; }
}
