using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>Drops the index by which the release before looks for expired sessions.</summary>
    /// <remarks>
    /// Not in the transaction that makes the other one: whoever has begun to sign in while that is made waits to write sessions, and has read them already, which the drop would
    /// wait for. Where that migration still did both, there is only the clean-up to hold up once more.
    /// </remarks>
    [DbContext(typeof(AuthDbContext))]
    [Migration("20261127150000_DropSessionExpiryIndex")]
    public class DropSessionExpiryIndex : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) =>
            // Replicas of the release before would look for expired sessions by the index that is gone: until they have been replaced, nobody cleans up.
            migrationBuilder.Sql(
                """
                DROP INDEX IF EXISTS ix_sessions_idle_expires_at;
                UPDATE leases SET holder = gen_random_uuid(), until = clock_timestamp() + interval '15 minutes' WHERE name = 'cleanup';
                """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("To go back, start the old version: it works with this schema.");
    }
}
