using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace AuthPlatform.IntegrationTests.Observability;

/// <summary>What a PromQL query names: metrics with their matchers, and labels to group or join by. A function that is not known here is a mistake.</summary>
internal sealed partial class PromQuery
{
    private static readonly FrozenSet<string> Functions =
        FrozenSet.Create("sum", "min", "max", "count", "rate", "increase", "histogram_quantile", "abs", "absent", "time");

    private static readonly FrozenSet<string> Grouping = FrozenSet.Create("by", "without", "on", "ignoring", "group_left", "group_right");
    private static readonly FrozenSet<string> Words = FrozenSet.Create("and", "or", "unless", "bool", "offset");

    private readonly List<Selector> _selectors = [];
    private readonly List<string> _labels = [];

    private PromQuery(string text) => Text = text;

    public string Text { get; }

    public IReadOnlyList<Selector> Selectors => _selectors;

    public IReadOnlyList<string> Labels => _labels;

    public static PromQuery Parse(string text)
    {
        var query = new PromQuery(text);
        var tokens = new Queue<string>(Tokens(text));
        while (tokens.TryDequeue(out var token))
        {
            if (!char.IsAsciiLetter(token[0]) && token[0] is not ('_' or ':'))
            {
                continue;
            }

            var next = tokens.TryPeek(out var following) ? following : "";
            if (Grouping.Contains(token))
            {
                query._labels.AddRange(Until(tokens, "(", ")").Where(label => label != ","));
            }
            else if (Words.Contains(token))
            {
                continue;
            }
            else if (next == "(" || Grouping.Contains(next))
            {
                Assert.True(Functions.Contains(token), $"'{token}' is no function: {text}");
            }
            else
            {
                query._selectors.Add(new Selector(token, next == "{" ? Matchers([.. Until(tokens, "{", "}")]) : []));
            }
        }

        Assert.NotEmpty(query._selectors);
        return query;
    }

    private static IEnumerable<string> Tokens(string text)
    {
        var end = 0;
        foreach (Match token in Token().Matches(text))
        {
            Assert.True(token.Index == end, $"Not understood from '{text[end..]}' on");
            end += token.Length;
            if (!string.IsNullOrWhiteSpace(token.Value))
            {
                yield return token.Value;
            }
        }

        Assert.True(end == text.Length, $"Not understood from '{text[end..]}' on");
    }

    private static List<string> Until(Queue<string> tokens, string open, string close)
    {
        Assert.Equal(open, tokens.Dequeue());
        var between = new List<string>();
        for (var token = tokens.Dequeue(); token != close; token = tokens.Dequeue())
        {
            between.Add(token);
        }

        return between;
    }

    private static List<Matcher> Matchers(List<string> tokens) =>
        [.. tokens.Where(token => token != ",").Chunk(3).Select(matcher => new Matcher(matcher[0], matcher[1], Regex.Unescape(matcher[2][1..^1])))];

    /// <summary>White space, strings, ranges, numbers with units, names, operators.</summary>
    [GeneratedRegex("""\s+|"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\d[\w.]*|[a-zA-Z_:][\w:]*|=~|!~|!=|==|<=|>=|[-+*/%^(){},=<>]""")]
    private static partial Regex Token();

    internal sealed record Selector(string Metric, IReadOnlyList<Matcher> Matchers)
    {
        public bool Takes(Series series) =>
            series.Name == Metric && Matchers.All(matcher => series.Labels.TryGetValue(matcher.Label, out var value) && matcher.Takes(value));
    }

    internal sealed record Matcher(string Label, string Operator, string Value)
    {
        public bool Takes(string value) => Operator switch
        {
            "=" => value == Value,
            "!=" => value != Value,
            "=~" => Regex.IsMatch(value, $"^(?:{Value})$"),
            _ => !Regex.IsMatch(value, $"^(?:{Value})$"),
        };
    }
}
