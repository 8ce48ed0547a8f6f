using System.CommandLine;
using AuthPlatform.Cli.Running;

namespace AuthPlatform.Cli.Keys;

/// <summary><c>authplatform keys</c>.</summary>
internal static class KeysCommand
{
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
