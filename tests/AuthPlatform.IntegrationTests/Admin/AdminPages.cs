using System.Text.RegularExpressions;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Every administrators' page with its verbs, read from the sources: a page that somebody adds is here without being asked for.</summary>
/// <param name="Route">Its address with placeholders.</param>
/// <param name="IsOpen">Whether it says that it is for anybody.</param>
/// <param name="Gets">The names of what is read from it; the empty one is the page itself.</param>
/// <param name="Posts">The names of its forms' handlers; the empty one is a form without name.</param>
internal sealed partial record AdminPages(string Route, bool IsOpen, IReadOnlyList<string> Gets, IReadOnlyList<string> Posts)
{
    public static IReadOnlyList<AdminPages> All { get; } = [.. Read()];

    public override string ToString() => Route;

    private static IEnumerable<AdminPages> Read()
    {
        var project = Path.GetDirectoryName(new Projects.AuthPlatform_AdminWeb().ProjectPath)!;
        var root = Path.Combine(project, "Pages");
        foreach (var file in Directory.EnumerateFiles(root, "*.cshtml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (!File.Exists(file + ".cs") || Directive().Match(File.ReadAllText(file)) is not { Success: true } directive)
            {
                continue;
            }

            var code = File.ReadAllText(file + ".cs");
            var path = "/" + Path.GetRelativePath(root, file)[..^".cshtml".Length].Replace('\\', '/');
            var route = directive.Groups[1] is { Success: true } written ? written.Value : Regex.Replace(path, "/Index$", "/").ToLowerInvariant();
            yield return new AdminPages(route, code.Contains("[AllowAnonymous]", StringComparison.Ordinal), [.. Handlers(code, "Get").Prepend("").Distinct()], [.. Handlers(code, "Post")]);
        }
    }

    private static IEnumerable<string> Handlers(string code, string verb) => Handler().Matches(code).Where(m => m.Groups[1].Value == verb).Select(m => m.Groups[2].Value);

    [GeneratedRegex("""^\uFEFF?@page(?: "([^"]+)")?""")]
    private static partial Regex Directive();

    [GeneratedRegex(@"public [^(\n]*\bOn(Get|Post)(\w*?)(?:Async)?\(")]
    private static partial Regex Handler();
}
