using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>By hand, as the table; partitions to come get it too.</summary>
    [DbContext(typeof(AuthDbContext))]
    [Migration("20261124112219_AuditByAddressAndKind")]
    public class AuditByAddressAndKind : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("CREATE INDEX ix_audit_events_address_kind_occurred_at_id ON audit_events (address, kind, occurred_at, id)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP INDEX ix_audit_events_address_kind_occurred_at_id");
        }
    }
}
