using System.Collections.Concurrent;
using System.Security.Cryptography;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using Microsoft.EntityFrameworkCore;
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

    /// <summary>For each server, the pair that the Migration Worker has made there for all tests.</summary>
    private static readonly ConcurrentDictionary<AuthPlatformFixture, Lazy<Task<FreshDatabases>>> Originals = new();

    private readonly string _suffix = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
    private FreshDatabases? _original;

    public async Task<Dictionary<string, string>> EnvironmentAsync(CancellationToken cancellationToken) => new()
    {
        ["ConnectionStrings__authdb"] = await ConnectionStringAsync(ResourceNames.AuthDatabase, cancellationToken),
        ["ConnectionStrings__keysdb"] = await ConnectionStringAsync(ResourceNames.KeysDatabase, cancellationToken),
        ["Encryption__Keys__0"] = EncryptionKey,
        ["InternalCalls__Secrets__0"] = InternalSecret,
        ["Bootstrap__ClientId"] = ClientId,
        ["Bootstrap__ClientSecret"] = ClientSecret,
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        // A Key Manager ends with its test before anybody needs them.
        ["Keys__ReadyKeys"] = "0",
    };

    /// <summary>The same for a worker that is to make a role for each service.</summary>
    public async Task<Dictionary<string, string>> EnvironmentWithRolesAsync(CancellationToken cancellationToken) => new(await EnvironmentAsync(cancellationToken))
    {
        ["DatabaseRoles__TokenApi__0"] = RolePassword,
        ["DatabaseRoles__AdminWeb__0"] = RolePassword,
        ["DatabaseRoles__KeyManager__0"] = RolePassword,
    };

    /// <summary>
    /// Creates both as the Migration Worker leaves them, with the bootstrap application, and gives <see cref="EnvironmentAsync"/>. They are copies of a pair that it made once: a run
    /// for each test takes it two seconds of a processor. Services sign in to a copy with the roles of the original (<see cref="LoginAsync"/>), whose rights on tables are copied too; to a copy itself everybody may connect.
    /// </summary>
    public Task<Dictionary<string, string>> MigratedAsync(CancellationToken cancellationToken) => MigratedAsync(cancellationToken, ResourceNames.AuthDatabase, ResourceNames.KeysDatabase);

    /// <summary>The same for whoever does with one of them: a copy is three hundred files.</summary>
    public async Task<Dictionary<string, string>> MigratedAsync(CancellationToken cancellationToken, params string[] databases)
    {
        _original = await Originals.GetOrAdd(platform, static of => new(() => MigrateAsync(of))).Value.WaitAsync(cancellationToken);
        foreach (var database in databases)
        {
            var copy = await ConnectionStringAsync(database, cancellationToken);
            // Not from within it: what somebody is connected to cannot be copied.
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(copy) { Database = "postgres", Pooling = false }.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand($"CREATE DATABASE \"{NameIn(copy)}\" TEMPLATE \"{NameIn(await _original.ConnectionStringAsync(database, cancellationToken))}\"", connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return await EnvironmentAsync(cancellationToken);
    }

    /// <summary>The same when a Key Manager has been at them: the application has its first two keys. To make them anew would take a processor up to a second.</summary>
    public async Task<Dictionary<string, string>> MigratedWithKeysAsync(CancellationToken cancellationToken)
    {
        var settings = await MigratedAsync(cancellationToken);
        await using var keys = new KeysDbContext(new DbContextOptionsBuilder<KeysDbContext>().UseNpgsql(settings["ConnectionStrings__keysdb"]).Options);
        await keys.AddApplicationAsync(ClientId, new EnvelopeCipher([EncryptionKey]), TimeProvider.System.GetUtcNow(), cancellationToken);
        return settings;
    }

    /// <summary>The key that signs for the application.</summary>
    public Task<string> ActiveKidAsync(CancellationToken cancellationToken) =>
        ReadAsync(ResourceNames.KeysDatabase, $"SELECT kid FROM signing_keys WHERE client_id = '{ClientId}' AND activated_at IS NOT NULL AND superseded_at IS NULL", cancellationToken);

    /// <summary>How a service signs in to one of them.</summary>
    public async Task<string> LoginAsync(string database, string service, int number, string password, CancellationToken cancellationToken)
    {
        var named = await (_original ?? this).ConnectionStringAsync(database, cancellationToken);
        return new NpgsqlConnectionStringBuilder(await ConnectionStringAsync(database, cancellationToken))
        {
            Username = DatabaseRoles.Login(NameIn(named), service, number),
            Password = password,
        }.ConnectionString;
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

    /// <summary>Not cancelled with the test that is the first to need it.</summary>
    private static async Task<FreshDatabases> MigrateAsync(AuthPlatformFixture platform)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var databases = new FreshDatabases(platform);
        var (exitCode, log) = await ServiceProcess.Start("AuthPlatform.MigrationWorker", await databases.EnvironmentWithRolesAsync(limit.Token)).FinishAsync(limit.Token);
        Assert.True(exitCode == 0, log);
        return databases;
    }

    private static string NameIn(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString).Database!;
}
