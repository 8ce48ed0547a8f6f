using System.Globalization;
using AuthPlatform.Contracts;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>How the keys of an application should live, as a form holds it.</summary>
internal sealed class KeySettingsInput
{
    public string? KeySize { get; set; }

    public string? RotateEvery { get; set; }

    public string? Announce { get; set; }

    public string? Retain { get; set; }

    public static KeySettingsInput Of(KeySettingsAnswer settings) => new()
    {
        KeySize = settings.KeySize.ToString(CultureInfo.InvariantCulture),
        RotateEvery = Duration.Write(settings.RotateEverySeconds),
        Announce = Duration.Write(settings.AnnounceSeconds),
        Retain = Duration.Write(settings.RetainSeconds),
    };

    /// <summary>Tells settings from others.</summary>
    public static string Mark(KeySettingsAnswer settings) =>
        string.Create(CultureInfo.InvariantCulture, $"{settings.KeySize} {settings.RotateEverySeconds} {settings.AnnounceSeconds} {settings.RetainSeconds}");

    /// <summary>What changed, as the audit has it.</summary>
    public static Dictionary<string, object> Changes(KeySettingsAnswer before, KeySettingsAnswer after) =>
        new (string Name, int Before, int After)[]
        {
            (nameof(before.KeySize), before.KeySize, after.KeySize),
            (nameof(before.RotateEverySeconds), before.RotateEverySeconds, after.RotateEverySeconds),
            (nameof(before.AnnounceSeconds), before.AnnounceSeconds, after.AnnounceSeconds),
            (nameof(before.RetainSeconds), before.RetainSeconds, after.RetainSeconds),
        }
        .Where(setting => setting.Before != setting.After)
        .ToDictionary(setting => setting.Name, setting => (object)new { setting.Before, setting.After });

    /// <summary>Null when something is no number or time; an empty field asks for the default. The Key Manager knows the limits.</summary>
    public KeySettingsChange? Read(ModelStateDictionary state)
    {
        var size = int.TryParse(KeySize, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) ? bits : 0;
        var change = new KeySettingsChange(size, Seconds(RotateEvery, nameof(RotateEvery)), Seconds(Announce, nameof(Announce)), Seconds(Retain, nameof(Retain)));
        return state.IsValid ? change : null;

        int? Seconds(string? text, string field)
        {
            if (!string.IsNullOrWhiteSpace(text) && Duration.Read(text) is null)
            {
                state.AddModelError($"Input.{field}", "Write a number and s, m, h or d, for example 5m or 30d.");
            }

            return Duration.Read(text);
        }
    }
}
