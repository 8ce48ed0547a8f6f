using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Components;

/// <summary>How many rows a page of a list shows.</summary>
internal static class PageSize
{
    public const int Default = 25;

    public static readonly IReadOnlyList<int> All = [10, 25, 50, 100];

    /// <summary>What is none of the sizes counts as the default: nobody asks for a million rows.</summary>
    public static int Read(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && All.Contains(size) ? size : Default;
}

/// <summary>What stands below a list: which part it is, and the links to its neighbours; null where there is none.</summary>
internal sealed record Pager(string Summary, string? Back, string? Next)
{
    /// <summary>The same page with another value in its query.</summary>
    public static string Link(HttpRequest request, string name, string value) => QueryHelpers.AddQueryString(
        request.PathBase + request.Path,
        request.Query.Where(p => p.Key != name).Select(p => KeyValuePair.Create<string, string?>(p.Key, p.Value.ToString())).Append(KeyValuePair.Create<string, string?>(name, value)));
}

/// <summary>One page of a list whose rows are counted: of some hundreds, not of millions.</summary>
/// <param name="Number">Which, from 1 on.</param>
/// <param name="Size">Rows of a page.</param>
/// <param name="Total">Rows of the list.</param>
internal sealed record NumberedPage(int Number, int Size, int Total)
{
    /// <summary>Rows before it.</summary>
    public int First => (Number - 1) * Size;

    private int Last => Math.Max(1, (Total + Size - 1) / Size);

    /// <summary>The first for whatever is no number. A page that is not there is the last one: rows may have gone since the link was made.</summary>
    public static NumberedPage Read(string? text, int size, int total)
    {
        var first = new NumberedPage(1, size, total);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? first with { Number = Math.Clamp(number, 1, first.Last) } : first;
    }

    /// <param name="request">Whose query names the page.</param>
    /// <param name="texts">The language.</param>
    /// <param name="rows">How many it has.</param>
    public Pager ToPager(HttpRequest request, IStringLocalizer texts, int rows)
    {
        return new Pager(texts["{0}–{1} of {2}", First + 1, First + rows, Total], Number > 1 ? Link(Number - 1) : null, Number < Last ? Link(Number + 1) : null);

        string Link(int number) => Pager.Link(request, "page", number.ToString(CultureInfo.InvariantCulture));
    }
}

/// <summary>
/// A place in a list that is ordered by a time and an id, newest first. A page begins there instead of counting rows from the start: the last page of millions is
/// as fast as the first.
/// </summary>
/// <param name="At">The time of the row at the border.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsNewer">Whether the page has the rows above the border, not those below.</param>
internal sealed record Cursor(DateTimeOffset At, Guid Id, bool IsNewer)
{
    private const int Length = 25;

    /// <summary>Null, the beginning of the list, for whatever is none.</summary>
    public static Cursor? Read(string? text)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (text is not { Length: 34 } || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != Length)
        {
            return null;
        }

        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return ticks < DateTimeOffset.MinValue.Ticks || ticks > DateTimeOffset.MaxValue.Ticks ? null : new Cursor(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[8..24], bigEndian: true), bytes[24] == 1);
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, At.UtcTicks);
        Id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        bytes[24] = IsNewer ? (byte)1 : (byte)0;
        return Base64Url.EncodeToString(bytes);
    }
}

/// <summary>One page of such a list.</summary>
/// <param name="Rows">Its rows, newest first.</param>
/// <param name="Newer">Where the page above it begins; null on the first.</param>
/// <param name="Older">Where the page below it begins; null on the last.</param>
internal sealed record Slice<T>(IReadOnlyList<T> Rows, Cursor? Newer, Cursor? Older)
{
    /// <param name="read">One row more than the page has, if there are so many, in the order of reading: oldest first for a cursor that <see cref="Cursor.IsNewer"/>.</param>
    /// <param name="size">Rows of a page.</param>
    /// <param name="cursor">Where the page began.</param>
    /// <param name="key">What the list is ordered by.</param>
    public static Slice<T> Of(IReadOnlyList<T> read, int size, Cursor? cursor, Func<T, (DateTimeOffset At, Guid Id)> key)
    {
        var isNewer = cursor is { IsNewer: true };
        var hasMore = read.Count > size;
        List<T> rows = [.. read.Take(size)];
        if (isNewer)
        {
            rows.Reverse();
        }

        if (rows.Count == 0)
        {
            return new Slice<T>(rows, null, null);
        }

        var (first, last) = (key(rows[0]), key(rows[^1]));
        return new Slice<T>(
            rows,
            (isNewer ? hasMore : cursor is not null) ? new Cursor(first.At, first.Id, true) : null,
            isNewer || hasMore ? new Cursor(last.At, last.Id, false) : null);
    }

    public Pager ToPager(HttpRequest request, IStringLocalizer texts) => new(
        texts["{0} shown, newest first", Rows.Count],
        Newer is null ? null : Pager.Link(request, "at", Newer.ToString()),
        Older is null ? null : Pager.Link(request, "at", Older.ToString()));
}
