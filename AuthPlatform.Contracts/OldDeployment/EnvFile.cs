using System.Text.RegularExpressions;

namespace AuthPlatform.Contracts.OldDeployment;

/// <summary>
/// A file of <c>NAME=value</c> lines, as python-dotenv reads it: comments, <c>export</c>, single and double quotes with their escapes, also over several lines. Nothing in it is
/// expanded; what python-dotenv passes over is a failure.
/// </summary>
internal static partial class EnvFile
{
    /// <summary>The variables, the last one of a name; and the lines that are none. Values are never quoted back: one may be a secret.</summary>
    public static (Dictionary<string, string> Variables, List<string> Failures) Parse(string fileName, string text)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var failures = new List<string>();
        var lines = text.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        for (var at = 0; at < lines.Length; at++)
        {
            var start = at;
            if (Read(lines, ref at, variables) is { } problem)
            {
                failures.Add($"{fileName}, line {lines.AsSpan(0, start).Count('\n') + 1}: {problem}.");
            }

            // What is left of the line is a comment, or could not be read.
            at = lines.IndexOf('\n', at) is var end and >= 0 ? end : lines.Length;
        }

        return (variables, failures);
    }

    /// <summary>Reads what begins at a line, to a place in that line where it ends; null, or what is wrong with it.</summary>
    private static string? Read(string lines, ref int at, Dictionary<string, string> variables)
    {
        if (Nothing().IsMatch(lines, at))
        {
            return null;
        }

        var assignment = Assignment().Match(lines, at);
        if (!assignment.Success)
        {
            return "this is no NAME=value";
        }

        var name = assignment.Groups["name"].Value;
        at += assignment.Length;
        if (at >= lines.Length || lines[at] is not ('\'' or '"'))
        {
            variables[name] = Unquoted().Match(lines, at).Value;
            return null;
        }

        var quoted = Quoted().Match(lines, at);
        if (!quoted.Success)
        {
            return $"the quotes of {name} do not end";
        }

        at += quoted.Length;
        if (!Nothing().IsMatch(lines, at))
        {
            return $"something follows the closing quote of {name}";
        }

        var escapes = quoted.ValueSpan[0] == '"' ? DoubleEscape() : SingleEscape();
        variables[name] = escapes.Replace(quoted.Value[1..^1], Unescape);
        return null;
    }

    private static string Unescape(Match escape) => escape.Value[1] switch
    {
        'a' => "\a",
        'b' => "\b",
        'f' => "\f",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'v' => "\v",
        _ => escape.Value[1..],
    };

    /// <summary>No more than a comment in the rest of the line.</summary>
    [GeneratedRegex(@"\G[^\S\n]*(?:#|\n|\z)")]
    private static partial Regex Nothing();

    [GeneratedRegex(@"\G[^\S\n]*(?>(?:export[^\S\n]+)?)(?<name>[A-Za-z_.:][A-Za-z0-9_.:]*)[^\S\n]*=[^\S\n]*")]
    private static partial Regex Assignment();

    [GeneratedRegex("""\G(?:'(?:\\'|[^'])*'|"(?:\\"|[^"])*")""")]
    private static partial Regex Quoted();

    /// <summary>To the end of the line, or to a comment with white space before it.</summary>
    [GeneratedRegex(@"\G[^\n]*?(?=[^\S\n]+#|[^\S\n]*(?:\n|\z))")]
    private static partial Regex Unquoted();

    [GeneratedRegex(@"\\[\\']")]
    private static partial Regex SingleEscape();

    [GeneratedRegex("""\\[\\'"abfnrtv]""")]
    private static partial Regex DoubleEscape();
}
