namespace AuthPlatform.Cli.Running;

/// <summary>What a command cannot do without; it is refused in one sentence when the settings lack it.</summary>
[Flags]
internal enum Stores
{
    None = 0,

    /// <summary>The database of applications.</summary>
    AuthDatabase = 1,

    /// <summary>The database of signing keys.</summary>
    KeysDatabase = 2,

    /// <summary>The keys that encrypt what is stored.</summary>
    Encryption = 4,
}
