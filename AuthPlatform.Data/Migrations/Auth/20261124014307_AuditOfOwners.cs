using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>Indexes of the audit by session, by user, and for owners, who look at a few applications. By hand, as the table; partitions to come get them too.</summary>
    [DbContext(typeof(AuthDbContext))]
    [Migration("20261124014307_AuditOfOwners")]
    public class AuditOfOwners : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                CREATE INDEX ix_audit_events_session_id_occurred_at_id ON audit_events (session_id, occurred_at, id) WHERE session_id IS NOT NULL;
                CREATE INDEX ix_audit_events_unique_key_occurred_at_id ON audit_events (unique_key, occurred_at, id) WHERE unique_key IS NOT NULL;
                CREATE INDEX ix_audit_events_application_id_address_occurred_at_id ON audit_events (application_id, address, occurred_at, id);
                CREATE INDEX ix_audit_events_application_id_kind_occurred_at_id ON audit_events (application_id, kind, occurred_at, id);
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                DROP INDEX ix_audit_events_session_id_occurred_at_id, ix_audit_events_unique_key_occurred_at_id, ix_audit_events_application_id_address_occurred_at_id,
                    ix_audit_events_application_id_kind_occurred_at_id
                """);
        }
    }
}
