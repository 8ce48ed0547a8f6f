using System.CommandLine;
using AuthPlatform.Cli.Running;

namespace AuthPlatform.Cli.Keys;

/// <summary><c>authplatform keys</c>.</summary>
internal static class KeysCommand
{
    /// <summary>Ends the help of what makes keys or says how long one stays: this decides like the Key Manager, whose settings it cannot see.</summary>
    public const string LikeTheKeyManager =
        ". Give it Keys__KeySize and Keys__RetainSeconds if the Key Manager has them: they, or their defaults, count where an application has no settings of its own";

    public static Command Create(Terminal terminal) => new("keys", "Signing keys: look, rotate, revoke, move, re-encrypt")
    {
        ListKeys.Create(terminal),
        RotateKeys.Create(terminal),
        RevokeKeyNow.Create(terminal),
        ImportKeys.Create(terminal),
        ExportKeys.Create(terminal),
        EnsureKeys.Create(terminal),
        RekeyAll.Create(terminal),
        ReplaceLost.Create(terminal),
    };
}
