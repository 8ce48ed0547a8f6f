using System.Text.Json;

namespace AuthPlatform.TokenApi.RevocationFeed;

/// <summary>Revocations in the order in which they are to be read, and how far they reach.</summary>
internal sealed record FeedPage(IReadOnlyList<FeedEntry> Entries, FeedCursor Cursor, bool HasMore);

/// <summary>What a resource server must refuse from now on.</summary>
/// <param name="Cursor">Its place in the feed.</param>
/// <param name="Id">The <c>sid</c> of the session, or the <c>jti</c> of a token without one.</param>
/// <param name="IsToken">Whether <paramref name="Id"/> is a <c>jti</c>.</param>
/// <param name="Reason">Why, in one word.</param>
/// <param name="RevokedAt">When that was decided.</param>
/// <param name="EffectiveAt">From when on the tokens are refused.</param>
/// <param name="Until">Until when one of them could still be alive.</param>
internal sealed record FeedEntry(FeedCursor Cursor, Guid Id, bool IsToken, string Reason, DateTimeOffset RevokedAt, DateTimeOffset EffectiveAt, DateTimeOffset Until)
{
    /// <summary>Times in whole UNIX seconds, as in tokens; the last rounded up, so that nobody forgets too early.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString(IsToken ? "jti"u8 : "sid"u8, Id);
        json.WriteNumber("revoked_at"u8, RevokedAt.ToUnixTimeSeconds());
        json.WriteNumber("effective_at"u8, EffectiveAt.ToUnixTimeSeconds());
        json.WriteNumber("until"u8, Until.ToUnixTimeSeconds() + 1);
        json.WriteString("reason"u8, Reason);
        json.WriteEndObject();
    }
}
