using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace AuthPlatform.Cli.Output;

/// <summary>Durations as operators write them: <c>90d</c>, <c>12h</c>, <c>5m</c>, <c>300s</c>, or seconds without a unit.</summary>
internal static class Duration
{
    private static readonly (char Unit, int Seconds)[] Units = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

    /// <summary>An option whose value is a duration in whole seconds.</summary>
    public static Option<int?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "duration",
        CustomParser = Parse,
    };

    public static bool TryParse(string text, out int seconds)
    {
        seconds = 0;
        var unit = Units.FirstOrDefault(u => text.EndsWith(u.Unit));
        var number = unit.Seconds == 0 ? text : text[..^1];
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        var product = (long)count * Math.Max(unit.Seconds, 1);
        seconds = (int)Math.Min(product, int.MaxValue);
        return product <= int.MaxValue;
    }

    /// <summary>In the largest unit that gives a whole number.</summary>
    public static string Format(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        var (unit, size) = seconds == 0 ? ('s', 1) : Units.First(u => seconds % u.Seconds == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{seconds / size}{unit}");
    }

    private static int? Parse(ArgumentResult argument)
    {
        var text = argument.Tokens.Single().Value;
        if (TryParse(text, out var seconds))
        {
            return seconds;
        }

        argument.AddError($"'{text}' is no duration: write 90d, 12h, 5m, 300s, or seconds without a unit.");
        return null;
    }
}
