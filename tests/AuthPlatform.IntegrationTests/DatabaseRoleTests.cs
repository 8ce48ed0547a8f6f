using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>What services may not do in the databases. What they may, all other tests show.</summary>
public sealed class DatabaseRoleTests(AuthPlatformFixture platform)
{
    private readonly FreshDatabases _databases = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ResourceNames.TokenApi, ResourceNames.KeysDatabase)]
    [InlineData(ResourceNames.AdminWeb, ResourceNames.KeysDatabase)]
    [InlineData(ResourceNames.KeyManager, ResourceNames.AuthDatabase)]
    public async Task Service_AtADatabaseThatIsNotItsOwn_IsRefused(string service, string database)
    {
        var login = await platform.LoginAsync(service, Cancellation);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(login.ConnectionString) { Database = database }.ConnectionString);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(Cancellation));

        Assert.Equal($"permission denied for database \"{database}\"", refusal.MessageText);
    }

    [Theory]
    [InlineData(ResourceNames.TokenApi, "CREATE TABLE mine (id int)")]
    [InlineData(ResourceNames.TokenApi, "CREATE TEMPORARY TABLE mine (id int)")]
    [InlineData(ResourceNames.TokenApi, "CREATE SCHEMA mine")]
    [InlineData(ResourceNames.TokenApi, "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'")]
    [InlineData(ResourceNames.TokenApi, "CREATE ROLE mine")]
    [InlineData(ResourceNames.TokenApi, "ALTER TABLE sessions ADD COLUMN mine int")]
    [InlineData(ResourceNames.TokenApi, "DROP TABLE sessions")]
    [InlineData(ResourceNames.TokenApi, "TRUNCATE sessions")]
    [InlineData(ResourceNames.TokenApi, "SELECT password_hash FROM administrators")]
    [InlineData(ResourceNames.TokenApi, "SELECT totp_secret_encrypted FROM administrators")]
    [InlineData(ResourceNames.TokenApi, "SELECT administrator_id FROM administrator_links")]
    [InlineData(ResourceNames.TokenApi, "SELECT token_hash FROM administrator_links")]
    [InlineData(ResourceNames.TokenApi, "SELECT id FROM administrator_sessions")]
    [InlineData(ResourceNames.TokenApi, "SELECT key FROM sign_in_delays")]
    [InlineData(ResourceNames.TokenApi, "INSERT INTO administrator_links (token_hash, created_at, expires_at) VALUES (sha256('x'), now(), now())")]
    [InlineData(ResourceNames.TokenApi, "UPDATE administrator_sessions SET administrator_id = id")]
    [InlineData(ResourceNames.TokenApi, "SELECT xml_encrypted FROM data_protection_keys")]
    [InlineData(ResourceNames.TokenApi, "UPDATE applications SET enabled = true")]
    [InlineData(ResourceNames.TokenApi, "UPDATE application_secrets SET secret_encrypted = 'x'")]
    [InlineData(ResourceNames.TokenApi, "SELECT kind FROM audit_events")]
    [InlineData(ResourceNames.TokenApi, "UPDATE audit_events SET kind = 'x'")]
    [InlineData(ResourceNames.TokenApi, "DELETE FROM audit_events")]
    [InlineData(ResourceNames.TokenApi, "DELETE FROM audit_events_default")]
    [InlineData(ResourceNames.TokenApi, "ALTER TABLE audit_events DETACH PARTITION audit_events_default")]
    [InlineData(ResourceNames.TokenApi, "DROP TRIGGER tr_audit_events_rows ON audit_events")]
    [InlineData(ResourceNames.TokenApi, "CREATE OR REPLACE FUNCTION audit_retention() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '0' $$")]
    [InlineData(ResourceNames.TokenApi, "SET session_replication_role = replica")]
    [InlineData(ResourceNames.AdminWeb, "CREATE TABLE mine (id int)")]
    [InlineData(ResourceNames.AdminWeb, "DROP TABLE administrators")]
    [InlineData(ResourceNames.AdminWeb, "UPDATE audit_events SET kind = 'x'")]
    [InlineData(ResourceNames.AdminWeb, "DELETE FROM audit_events")]
    [InlineData(ResourceNames.AdminWeb, "SELECT keep_audit_partitions()")]
    [InlineData(ResourceNames.AdminWeb, "UPDATE sessions SET generation = 0")]
    [InlineData(ResourceNames.AdminWeb, "DELETE FROM revocations")]
    [InlineData(ResourceNames.KeyManager, "CREATE TABLE mine (id int)")]
    [InlineData(ResourceNames.KeyManager, "ALTER TABLE signing_keys DROP COLUMN kid")]
    [InlineData(ResourceNames.KeyManager, "DELETE FROM signing_keys")]
    public async Task Service_BeyondItsRights_IsRefused(string service, string sql)
    {
        await using var connection = new NpgsqlConnection((await platform.LoginAsync(service, Cancellation)).ConnectionString);
        await connection.OpenAsync(Cancellation);
        // Should it be allowed, others shall not notice.
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancellation));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
        // By the database itself: the trigger that guards the audit is not even asked.
        Assert.Matches("^(permission denied|must be owner) ", refusal.MessageText);
    }

    /// <summary>The new password works beside the old one until the services have it, and then the old one does not.</summary>
    [Fact]
    public async Task Password_Changed_IsGoodBesideTheOldOneUntilThatIsTakenAway()
    {
        const string NewPassword = "new-role-0123456789abcdef0123456789abcd";
        await _databases.MigratedAsync(Cancellation);
        var settings = await _databases.EnvironmentWithRolesAsync(Cancellation);
        await RunWorkerAsync(settings);
        Assert.Equal((true, false), await SignInAsync(NewPassword));
        // A verifier that the worker made: the server has never seen the password.
        Assert.StartsWith("SCRAM-SHA-256$4096:", await _databases.ReadAsync(
            ResourceNames.AuthDatabase, "SELECT rolpassword FROM pg_authid WHERE rolname = current_database() || '_token_api_0'", Cancellation), StringComparison.Ordinal);

        settings["DatabaseRoles__TokenApi__1"] = NewPassword;
        await RunWorkerAsync(settings);
        Assert.Equal((true, true), await SignInAsync(NewPassword));

        settings.Remove("DatabaseRoles__TokenApi__0");
        await RunWorkerAsync(settings);
        Assert.Equal((false, true), await SignInAsync(NewPassword));
    }

    /// <summary>A dump that is restored without privileges brings back the function, and PostgreSQL lets everybody call that.</summary>
    [Fact]
    public async Task Function_OfTheOwner_IsTakenFromEverybodyWithEachRun()
    {
        await _databases.MigratedAsync(Cancellation);
        var settings = await _databases.EnvironmentWithRolesAsync(Cancellation);
        await RunWorkerAsync(settings);
        await using var connection = new NpgsqlConnection(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
        await connection.OpenAsync(Cancellation);
        await using var grant = new NpgsqlCommand("GRANT EXECUTE ON FUNCTION keep_audit_partitions() TO PUBLIC", connection);
        await grant.ExecuteNonQueryAsync(Cancellation);

        await RunWorkerAsync(settings);

        const string Callers = "SELECT string_agg(service, ' ') FROM unnest(ARRAY['admin_web', 'token_api']) AS service WHERE has_function_privilege(current_database() || '_' || service, 'keep_audit_partitions()', 'EXECUTE')";
        Assert.Equal("token_api", await _databases.ReadAsync(ResourceNames.AuthDatabase, Callers, Cancellation));
    }

    private static async Task RunWorkerAsync(Dictionary<string, string> settings)
    {
        var (exitCode, log) = await MigrationWorkerParts.RunAsync(settings, Cancellation);
        Assert.True(exitCode == 0, log);
        Assert.All(settings.Where(s => s.Key.StartsWith("DatabaseRoles", StringComparison.Ordinal)), s => Assert.DoesNotContain(s.Value, log, StringComparison.Ordinal));
    }

    private async Task<(bool Old, bool New)> SignInAsync(string newPassword) => (await MayReadAsync(0, FreshDatabases.RolePassword), await MayReadAsync(1, newPassword));

    /// <summary>By a role of this database's own, not of the one that it was copied from.</summary>
    private async Task<bool> MayReadAsync(int number, string password)
    {
        var login = new NpgsqlConnectionStringBuilder(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation)) { Pooling = false, Password = password };
        login.Username = DatabaseRoles.Login(login.Database!, ResourceNames.TokenApi, number);
        await using var connection = new NpgsqlConnection(login.ConnectionString);
        try
        {
            await connection.OpenAsync(Cancellation);
        }
        catch (PostgresException refusal)
        {
            Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
            return false;
        }

        await using var command = new NpgsqlCommand("SELECT count(*) FROM applications", connection);
        return await command.ExecuteScalarAsync(Cancellation) is 1L;
    }
}
