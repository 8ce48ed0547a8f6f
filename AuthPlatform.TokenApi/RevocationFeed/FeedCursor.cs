using System.Globalization;

namespace AuthPlatform.TokenApi.RevocationFeed;

/// <summary>How far somebody has read: the row that was read last. Text to the reader, and no more than that.</summary>
internal readonly record struct FeedCursor(ulong TransactionId, long Sequence)
{
    /// <summary>Before the first row there can be.</summary>
    public static FeedCursor Start { get; }

    /// <summary>Reads the text of a cursor; null when it is none.</summary>
    public static FeedCursor? Parse(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && ulong.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var transactionId)
            && long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && new FeedCursor(transactionId, sequence) is var cursor
            // The parser overlooks zeros in front and U+0000 behind.
            && cursor.ToString() == text
            ? cursor
            : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{TransactionId}-{Sequence}");
}
