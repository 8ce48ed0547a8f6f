using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>Looks for what the clean-up has to look at by the new column. While the index is made, sessions can be read but not written.</summary>
    /// <remarks>It was part of the migration before: where that has run already, there is nothing left to do.</remarks>
    public partial class SessionSweepsIndex : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) =>
            // Replicas of the release before would look for expired sessions by the index that is gone: until they have been replaced, nobody cleans up.
            migrationBuilder.Sql(
                """
                CREATE INDEX IF NOT EXISTS ix_sessions_sweep_at ON sessions (sweep_at);
                DROP INDEX IF EXISTS ix_sessions_idle_expires_at;
                UPDATE leases SET holder = gen_random_uuid(), until = clock_timestamp() + interval '15 minutes' WHERE name = 'cleanup';
                """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("To go back, start the old version: it works with this schema.");
    }
}
