using System.Globalization;

namespace AuthPlatform.Contracts;

/// <summary>The message that keys of an application have changed. Nothing depends on it arriving: whoever needs to know also asks the Key Manager.</summary>
/// <param name="ClientId">Whose keys.</param>
/// <param name="Version">The version of all keys from which on the change is visible.</param>
/// <param name="RevokedKid">The key whose signatures are refused from now on, if that was the change.</param>
public sealed record KeysChanged(string ClientId, long Version, string? RevokedKid)
{
    /// <summary>The Redis channel, published to by Key Managers.</summary>
    public const string Channel = "keys";

    /// <summary>The text of the message.</summary>
    public string ToMessage() => string.Create(CultureInfo.InvariantCulture, $"{Version} {ClientId} {RevokedKid}");

    /// <summary>Reads the text of a message; null when it is none.</summary>
    public static KeysChanged? Parse(string? message) =>
        message?.Split(' ') is [var version, var clientId, var revoked]
        && long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && Contracts.ClientId.IsWellFormed(clientId)
            ? new KeysChanged(clientId, number, revoked.Length > 0 ? revoked : null)
            : null;
}
