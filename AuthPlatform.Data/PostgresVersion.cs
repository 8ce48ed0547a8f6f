namespace AuthPlatform.Data;

/// <summary>Which PostgreSQL the platform works with.</summary>
public static class PostgresVersion
{
    /// <summary>The oldest major version: our statements need nothing that came later, and older ones are maintained no more.</summary>
    public const int OldestMajor = 15;

    /// <summary>The sentence for the server of a database that is too old; null when it is not.</summary>
    public static string? Problem(string? database, Version server) =>
        server.Major < OldestMajor ? $"{database} is on PostgreSQL {server}, but {OldestMajor} is the oldest that it can be on: move it to a newer server first." : null;
}
