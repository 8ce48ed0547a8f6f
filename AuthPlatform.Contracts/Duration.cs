using System.Globalization;

namespace AuthPlatform.Contracts;

/// <summary>Times as people write them: <c>90d</c>, <c>12h</c>, <c>5m</c>, <c>300s</c>, or seconds without a unit.</summary>
public static class Duration
{
    private static readonly (char Unit, int Seconds)[] Units = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

    /// <summary>In seconds; null when it is none, or more than an <see cref="int"/> holds.</summary>
    public static int? Read(string? text)
    {
        var value = (text ?? "").Trim().ToLowerInvariant();
        var length = Units.FirstOrDefault(u => value.EndsWith(u.Unit)).Seconds;
        var digits = length == 0 ? value : value[..^1].TrimEnd();
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && (long)number * Math.Max(1, length) <= int.MaxValue ? number * Math.Max(1, length) : null;
    }

    /// <summary>In the largest unit that leaves nothing over.</summary>
    public static string Write(int seconds)
    {
        var (unit, length) = seconds == 0 ? ('s', 1) : Units.First(u => seconds % u.Seconds == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{seconds / length}{unit}");
    }
}
