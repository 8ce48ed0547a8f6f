namespace AuthPlatform.Contracts;

/// <summary>Names of resources and connections, shared by the AppHost and the services so that discovery and connection strings cannot drift.</summary>
public static class ResourceNames
{
    /// <summary>The PostgreSQL server.</summary>
    public const string Postgres = "postgres";

    /// <summary>The database of applications, sessions and replay fallback.</summary>
    public const string AuthDatabase = "authdb";

    /// <summary>The database of signing keys; only the Key Manager, the Migration Worker and the operators' command line have its connection string.</summary>
    public const string KeysDatabase = "keysdb";

    /// <summary>The Redis-compatible store.</summary>
    public const string Redis = "redis";

    /// <summary>The worker that migrates both databases and exits.</summary>
    public const string Migrations = "migrations";

    /// <summary>The owner of all private keys.</summary>
    public const string KeyManager = "key-manager";

    /// <summary>The service that issues and verifies tokens.</summary>
    public const string TokenApi = "token-api";

    /// <summary>The administrators' pages.</summary>
    public const string AdminWeb = "admin-web";

    /// <summary>The public entrance.</summary>
    public const string Gateway = "gateway";
}
