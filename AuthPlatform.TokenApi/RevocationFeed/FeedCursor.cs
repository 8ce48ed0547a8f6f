using System.Globalization;

namespace AuthPlatform.TokenApi.RevocationFeed;

/// <summary>How far somebody has read: the row that was read last. Text to the reader, and no more than that.</summary>
/// <param name="Timeline">The history of the database that the row is in, from 1: a server that takes over, or is put back to an earlier state, begins another and gives the numbers of transactions that it has lost once more. On a server to which the database was moved in a dump the numbers are others.</param>
/// <param name="TransactionId">The transaction of the row.</param>
/// <param name="Sequence">Its place there.</param>
internal readonly record struct FeedCursor(int Timeline, ulong TransactionId, long Sequence)
{
    /// <summary>The first history is not named: releases that know no other, and run beside this one, give and read such cursors.</summary>
    private const int First = 1;

    /// <summary>Before the first row there can be.</summary>
    public static FeedCursor Start { get; } = new(First, 0, 0);

    /// <summary>Reads the text of a cursor; null when it is none.</summary>
    public static FeedCursor? Parse(string text)
    {
        var parts = text.Split('-', 4);
        return parts.Length is 2 or 3
            && int.TryParse(parts.Length == 3 ? parts[0] : "1", NumberStyles.None, CultureInfo.InvariantCulture, out var timeline)
            && ulong.TryParse(parts[^2], NumberStyles.None, CultureInfo.InvariantCulture, out var transactionId)
            && long.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && new FeedCursor(timeline, transactionId, sequence) is var cursor
            // The parser overlooks zeros in front and U+0000 behind.
            && cursor.ToString() == text
            ? cursor
            : null;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Timeline == First ? "" : $"{Timeline}-")}{TransactionId}-{Sequence}");
}
