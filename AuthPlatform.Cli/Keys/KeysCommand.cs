using System.CommandLine;
using AuthPlatform.Cli.Running;

namespace AuthPlatform.Cli.Keys;

/// <summary><c>authplatform keys</c>.</summary>
internal static class KeysCommand
{
    public static Command Create(Terminal terminal) => new("keys", "Signing keys: look, re-encrypt")
    {
        ListKeys.Create(terminal),
        EnsureKeys.Create(terminal),
        RekeyAll.Create(terminal),
    };
}
