namespace AuthPlatform.Contracts.OldDeployment;

/// <summary>A file of <c>NAME=value</c> lines, as python-dotenv reads it: comments, <c>export</c>, single and double quotes. Nothing in it is expanded.</summary>
internal static class EnvFile
{
    /// <summary>The variables, the last one of a name; and the lines that are none. Values are never quoted back: one may be a secret.</summary>
    public static (Dictionary<string, string> Variables, List<string> Failures) Parse(string fileName, string text)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var failures = new List<string>();
        var number = 0;
        foreach (var line in text.TrimStart('\uFEFF').Split('\n'))
        {
            number++;
            var trimmed = line.Trim();
            if (trimmed.Length == 0 || trimmed[0] == '#')
            {
                continue;
            }

            var assignment = trimmed.StartsWith("export ", StringComparison.Ordinal) ? trimmed[7..].TrimStart() : trimmed;
            var equals = assignment.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : assignment[..equals].TrimEnd();
            if (!IsName(name) || Value(assignment[(equals + 1)..].Trim()) is not { } value)
            {
                failures.Add($"{fileName}, line {number}: {(IsName(name) ? $"the quotes of {name} do not end" : "this is no NAME=value")}.");
                continue;
            }

            variables[name] = value;
        }

        return (variables, failures);
    }

    private static bool IsName(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or ':');

    /// <summary>Null when a quote is not closed.</summary>
    private static string? Value(string text)
    {
        if (text.Length == 0 || text[0] is not ('"' or '\''))
        {
            var comment = text.IndexOf(" #", StringComparison.Ordinal);
            return comment < 0 ? text : text[..comment].TrimEnd();
        }

        var end = text.IndexOf(text[0], 1);
        while (end > 0 && text[0] == '"' && text[end - 1] == '\\')
        {
            end = text.IndexOf('"', end + 1);
        }

        return end < 0 ? null : text[0] == '"' ? text[1..end].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal) : text[1..end];
    }
}
