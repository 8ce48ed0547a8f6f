using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <inheritdoc />
    public partial class AdminLists : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "traffic_counts",
                columns: table => new
                {
                    minute = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    kind = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    code = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_traffic_counts", x => new { x.minute, x.kind, x.code });
                });

            migrationBuilder.CreateIndex(
                name: "ix_sessions_application_id_key_id_id",
                table: "sessions",
                columns: new[] { "application_id", "key_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_sessions_device_hash_id",
                table: "sessions",
                columns: new[] { "device_hash", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_sessions_ip_id",
                table: "sessions",
                columns: new[] { "ip", "id" });

            // The partitioned table is made by hand, and so are its indexes; partitions to come get them too.
            migrationBuilder.Sql(
                """
                CREATE INDEX ix_audit_events_address_occurred_at_id ON audit_events (address, occurred_at, id);
                CREATE INDEX ix_audit_events_kind_occurred_at_id ON audit_events (kind, occurred_at, id) WHERE kind NOT IN ('issued', 'refreshed');
                CREATE INDEX ix_audit_events_actor_occurred_at_id ON audit_events (actor, occurred_at, id) WHERE actor IS NOT NULL;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP INDEX ix_audit_events_address_occurred_at_id, ix_audit_events_kind_occurred_at_id, ix_audit_events_actor_occurred_at_id");

            migrationBuilder.DropTable(
                name: "traffic_counts");

            migrationBuilder.DropIndex(
                name: "ix_sessions_application_id_key_id_id",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "ix_sessions_device_hash_id",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "ix_sessions_ip_id",
                table: "sessions");
        }
    }
}
