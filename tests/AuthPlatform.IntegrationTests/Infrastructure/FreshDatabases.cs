using System.Security.Cryptography;
using AuthPlatform.Contracts;
using Npgsql;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>Two databases of the running server that nobody has created yet, and what the services need to work on them.</summary>
internal sealed class FreshDatabases(AuthPlatformFixture platform)
{
    public const string ClientId = "race";
    public const string ClientSecret = "bootstrap-0123456789abcdef0123456789";
    public const string EncryptionKey = "key-encryption-0123456789abcdef0123456789";
    public const string InternalSecret = "internal-0123456789abcdef0123456789";
    public const string RolePassword = "role-0123456789abcdef0123456789abcdef";

    private readonly string _suffix = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    public async Task<Dictionary<string, string>> EnvironmentAsync(CancellationToken cancellationToken) => new()
    {
        ["ConnectionStrings__authdb"] = await ConnectionStringAsync(ResourceNames.AuthDatabase, cancellationToken),
        ["ConnectionStrings__keysdb"] = await ConnectionStringAsync(ResourceNames.KeysDatabase, cancellationToken),
        ["Encryption__Keys__0"] = EncryptionKey,
        ["InternalCalls__Secrets__0"] = InternalSecret,
        ["Bootstrap__ClientId"] = ClientId,
        ["Bootstrap__ClientSecret"] = ClientSecret,
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
    };

    /// <summary>The same for a worker that is to make a role for each service.</summary>
    public async Task<Dictionary<string, string>> EnvironmentWithRolesAsync(CancellationToken cancellationToken) => new(await EnvironmentAsync(cancellationToken))
    {
        ["DatabaseRoles__TokenApi__0"] = RolePassword,
        ["DatabaseRoles__AdminWeb__0"] = RolePassword,
        ["DatabaseRoles__KeyManager__0"] = RolePassword,
    };

    /// <summary>How a service signs in to one of them.</summary>
    public async Task<string> LoginAsync(string database, string service, int number, string password, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(await ConnectionStringAsync(database, cancellationToken)) { Password = password };
        settings.Username = DatabaseRoles.Login(settings.Database!, service, number);
        return settings.ConnectionString;
    }

    public async Task<string> ConnectionStringAsync(string database, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(await platform.App.GetConnectionStringAsync(database, cancellationToken));
        settings.Database += $"_{_suffix}";
        return settings.ConnectionString;
    }

    public async Task<string> ReadAsync(string database, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(await ConnectionStringAsync(database, cancellationToken));
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
