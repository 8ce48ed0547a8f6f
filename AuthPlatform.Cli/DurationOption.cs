using System.CommandLine;
using System.CommandLine.Parsing;
using AuthPlatform.Contracts;

namespace AuthPlatform.Cli;

/// <summary>An option whose value is a <see cref="Duration"/>, in whole seconds.</summary>
internal static class DurationOption
{
    public static Option<int?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "duration",
        CustomParser = Parse,
    };

    private static int? Parse(ArgumentResult argument)
    {
        var text = argument.Tokens.Single().Value;
        var seconds = Duration.Read(text);
        if (seconds is null)
        {
            argument.AddError($"'{text}' is no duration: write 90d, 12h, 5m, 300s, or seconds without a unit.");
        }

        return seconds;
    }
}
