using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.Data;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.MigrationWorker.Roles;

/// <summary>
/// Gives each service a role of its own in a database, with the rights that it needs. In one transaction, so that services which run notice nothing of it; again at
/// each start, so that tables of new migrations are included and roles whose password is no longer configured are gone.
/// </summary>
internal sealed partial class EnsureRoles(IOptions<DatabaseRoleOptions> options, ILogger<EnsureRoles> logger)
{
    private const int LongestName = 63;

    /// <summary>The verifier is a parameter, which neither the server's log nor a trace shows unless told to; a statement that changes a role has none.</summary>
    private const string Remember = "SELECT set_config('login.name', $1, true), set_config('login.verifier', $2, true)";

    private const string SetPassword =
        "DO $$ BEGIN EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', current_setting('login.name'), current_setting('login.verifier')); END $$";

    private const string Existing = "SELECT rolname::text FROM pg_roles WHERE starts_with(rolname, $1)";

    /// <summary>Only the owner of a database can; to others the server says no more than that nothing was revoked.</summary>
    private const string IsOpenToAll = "SELECT has_database_privilege('public', current_database(), 'CONNECT')";

    /// <param name="connection">To the database, as its owner; nobody else is at it.</param>
    /// <param name="grants">The rights.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task EnsureAsync(NpgsqlConnection connection, DatabaseGrants grants, CancellationToken cancellationToken)
    {
        if (!options.Value.IsSet)
        {
            return;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var service in grants.Services)
        {
            await EnsureLoginsAsync(connection, service, cancellationToken);
        }

        await ExecuteAsync(connection, string.Join(";\n", Rights(connection.Database, grants)), cancellationToken);
        await using var isOpenToAll = new NpgsqlCommand(IsOpenToAll, connection);
        if (await isOpenToAll.ExecuteScalarAsync(cancellationToken) is true)
        {
            throw Refusal($"Roles need a Migration Worker that signs in as the owner of {connection.Database}: everybody may still connect to it.");
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private async Task EnsureLoginsAsync(NpgsqlConnection connection, string service, CancellationToken cancellationToken)
    {
        var role = DatabaseRoles.Of(connection.Database, service);
        var existing = await ReadExistingAsync(connection, role, cancellationToken);
        if (!existing.Remove(role))
        {
            await ExecuteAsync(connection, $"CREATE ROLE {Quote(role)}", cancellationToken);
        }

        foreach (var (number, password) in options.Value.Of(service))
        {
            var login = DatabaseRoles.Login(connection.Database, service, number);
            if (Encoding.UTF8.GetByteCount(login) > LongestName)
            {
                throw Refusal($"The name of the database {connection.Database} is too long for roles named after it.");
            }

            if (!existing.Remove(login))
            {
                await ExecuteAsync(connection, $"CREATE ROLE {Quote(login)} IN ROLE {Quote(role)}", cancellationToken);
            }

            await ExecuteAsync(connection, Remember, cancellationToken, login, ScramVerifier.Of(password));
            await ExecuteAsync(connection, SetPassword, cancellationToken);
            foreach (var (name, value) in VanishedClients.ServiceSettings)
            {
                // Of the login: what a role has by default, its members do not have.
                await ExecuteAsync(connection, $"ALTER ROLE {Quote(login)} SET {name} = '{value}'", cancellationToken);
            }

            Log.Ensured(logger, login);
        }

        foreach (var dropped in existing.Where(name => name.StartsWith($"{role}_", StringComparison.Ordinal) && name[(role.Length + 1)..].All(char.IsAsciiDigit)))
        {
            await ExecuteAsync(connection, $"DROP ROLE {Quote(dropped)}", cancellationToken);
            Log.Dropped(logger, dropped);
        }
    }

    /// <summary>Names are those of this program and of the database; rights are in <see cref="DatabaseGrants"/>.</summary>
    private static IEnumerable<string> Rights(string database, DatabaseGrants grants)
    {
        // A Token API changes what belongs to the audit's table under the same lock, and the server does not let two change it at once.
        yield return "SELECT pg_advisory_xact_lock(hashtextextended('audit_partitions', 0))";
        yield return $"REVOKE ALL ON DATABASE {Quote(database)} FROM PUBLIC";
        yield return "REVOKE CREATE ON SCHEMA public FROM PUBLIC";
        foreach (var (function, _) in grants.Functions)
        {
            // The migration does that too, but what it took away is not in a dump that is restored without privileges.
            yield return $"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC";
        }

        foreach (var (index, service) in grants.Services.Index())
        {
            var role = Quote(DatabaseRoles.Of(database, service));
            yield return $"GRANT CONNECT ON DATABASE {Quote(database)} TO {role}";
            yield return $"GRANT USAGE ON SCHEMA public TO {role}";
            yield return $"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}";
            foreach (var (table, rights) in grants.Tables.Where(t => t.Rights[index].Length > 0))
            {
                yield return $"GRANT {rights[index]} ON TABLE {table} TO {role}";
            }

            foreach (var (function, _) in grants.Functions.Where(f => f.Service == service))
            {
                yield return $"GRANT EXECUTE ON FUNCTION {function} TO {role}";
            }
        }
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task<HashSet<string>> ReadExistingAsync(NpgsqlConnection connection, string role, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Existing, connection) { Parameters = { Sql.Value(role) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return [.. await reader.ReadAllAsync(row => row.GetString(0), cancellationToken)];
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params string[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters.Select(value => Sql.Value(value)).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static OptionsValidationException Refusal(string reason) => new(DatabaseRoleOptions.Section, typeof(DatabaseRoleOptions), [reason]);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The role {Role} has its rights and the configured password")]
        public static partial void Ensured(ILogger logger, string role);

        [LoggerMessage(2, LogLevel.Information, "Dropped the role {Role}, which is not configured any more")]
        public static partial void Dropped(ILogger logger, string role);
    }
}
