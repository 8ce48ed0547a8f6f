using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <inheritdoc />
    public partial class SessionLifeCycle : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_sessions_expiry",
                table: "sessions");

            migrationBuilder.DropPrimaryKey(
                name: "pk_revocations",
                table: "revocations");

            migrationBuilder.DropCheckConstraint(
                name: "ck_applications_refresh_seconds",
                table: "applications");

            migrationBuilder.DropColumn(
                name: "replaced_id",
                table: "sessions");

            migrationBuilder.RenameColumn(
                name: "session_id",
                table: "revocations",
                newName: "revoked_id");

            migrationBuilder.RenameIndex(
                name: "ix_revocations_session_id",
                table: "revocations",
                newName: "ix_revocations_revoked_id");

            migrationBuilder.AddColumn<string>(
                name: "claims",
                table: "sessions",
                type: "character varying(2048)",
                maxLength: 2048,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "key_id",
                table: "sessions",
                type: "character varying(64)",
                maxLength: 64,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "scope",
                table: "sessions",
                type: "character varying(1024)",
                maxLength: 1024,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "tokens_until",
                table: "sessions",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<ulong>(
                name: "transaction_id",
                table: "revocations",
                type: "xid8",
                nullable: false,
                defaultValueSql: "pg_current_xact_id()");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "effective_at",
                table: "revocations",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<int>(
                name: "generation",
                table: "revocations",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_token",
                table: "revocations",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "device_handling",
                table: "applications",
                type: "character varying(8)",
                maxLength: 8,
                nullable: false,
                defaultValue: "store");

            migrationBuilder.AddColumn<string>(
                name: "ip_handling",
                table: "applications",
                type: "character varying(8)",
                maxLength: 8,
                nullable: false,
                defaultValue: "store");

            migrationBuilder.AddColumn<int>(
                name: "max_sessions_per_user",
                table: "applications",
                type: "integer",
                nullable: false,
                defaultValue: 20);

            migrationBuilder.AddColumn<string[]>(
                name: "resource_servers",
                table: "applications",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<string>(
                name: "session_scope",
                table: "applications",
                type: "character varying(16)",
                maxLength: 16,
                nullable: false,
                defaultValue: "user_device_ip");

            // Rows of before: an access token lives an hour at most, and never longer than its session. The defaults were needed for these rows only.
            migrationBuilder.Sql("UPDATE sessions SET tokens_until = least(idle_expires_at, refreshed_at + interval '1 hour')");
            migrationBuilder.Sql("UPDATE revocations SET effective_at = revoked_at");
            migrationBuilder.Sql("ALTER TABLE sessions ALTER COLUMN tokens_until DROP DEFAULT, ALTER COLUMN key_id DROP DEFAULT");
            migrationBuilder.Sql("ALTER TABLE revocations ALTER COLUMN effective_at DROP DEFAULT");

            migrationBuilder.AddPrimaryKey(
                name: "pk_revocations",
                table: "revocations",
                columns: new[] { "transaction_id", "sequence" });

            migrationBuilder.CreateTable(
                name: "leases",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    holder = table.Column<Guid>(type: "uuid", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_leases", x => x.name);
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_sessions_expiry",
                table: "sessions",
                sql: "tokens_until <= idle_expires_at AND idle_expires_at <= absolute_expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_revocations_application_id_transaction_id_sequence",
                table: "revocations",
                columns: new[] { "application_id", "transaction_id", "sequence" },
                filter: "generation IS NULL");

            migrationBuilder.AddCheckConstraint(
                name: "ck_applications_device_handling",
                table: "applications",
                sql: "device_handling IN ('store', 'ignore')");

            migrationBuilder.AddCheckConstraint(
                name: "ck_applications_ip_handling",
                table: "applications",
                sql: "ip_handling IN ('store', 'truncate', 'ignore')");

            migrationBuilder.AddCheckConstraint(
                name: "ck_applications_max_sessions_per_user",
                table: "applications",
                sql: "max_sessions_per_user BETWEEN 1 AND 1000");

            migrationBuilder.AddCheckConstraint(
                name: "ck_applications_refresh_seconds",
                table: "applications",
                sql: "refresh_idle_seconds BETWEEN 60 AND refresh_absolute_seconds AND refresh_absolute_seconds <= 31622400");

            migrationBuilder.AddCheckConstraint(
                name: "ck_applications_resource_servers",
                table: "applications",
                sql: "cardinality(resource_servers) <= 20");

            migrationBuilder.AddCheckConstraint(
                name: "ck_applications_session_scope",
                table: "applications",
                sql: "session_scope IN ('user_device_ip', 'user_device', 'user')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "leases");

            migrationBuilder.DropCheckConstraint(
                name: "ck_sessions_expiry",
                table: "sessions");

            migrationBuilder.DropPrimaryKey(
                name: "pk_revocations",
                table: "revocations");

            migrationBuilder.DropIndex(
                name: "ix_revocations_application_id_transaction_id_sequence",
                table: "revocations");

            migrationBuilder.DropCheckConstraint(
                name: "ck_applications_device_handling",
                table: "applications");

            migrationBuilder.DropCheckConstraint(
                name: "ck_applications_ip_handling",
                table: "applications");

            migrationBuilder.DropCheckConstraint(
                name: "ck_applications_max_sessions_per_user",
                table: "applications");

            migrationBuilder.DropCheckConstraint(
                name: "ck_applications_refresh_seconds",
                table: "applications");

            migrationBuilder.DropCheckConstraint(
                name: "ck_applications_resource_servers",
                table: "applications");

            migrationBuilder.DropCheckConstraint(
                name: "ck_applications_session_scope",
                table: "applications");

            migrationBuilder.DropColumn(
                name: "claims",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "key_id",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "scope",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "tokens_until",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "transaction_id",
                table: "revocations");

            migrationBuilder.DropColumn(
                name: "effective_at",
                table: "revocations");

            migrationBuilder.DropColumn(
                name: "generation",
                table: "revocations");

            migrationBuilder.DropColumn(
                name: "is_token",
                table: "revocations");

            migrationBuilder.DropColumn(
                name: "device_handling",
                table: "applications");

            migrationBuilder.DropColumn(
                name: "ip_handling",
                table: "applications");

            migrationBuilder.DropColumn(
                name: "max_sessions_per_user",
                table: "applications");

            migrationBuilder.DropColumn(
                name: "resource_servers",
                table: "applications");

            migrationBuilder.DropColumn(
                name: "session_scope",
                table: "applications");

            migrationBuilder.RenameColumn(
                name: "revoked_id",
                table: "revocations",
                newName: "session_id");

            migrationBuilder.RenameIndex(
                name: "ix_revocations_revoked_id",
                table: "revocations",
                newName: "ix_revocations_session_id");

            migrationBuilder.AddColumn<Guid>(
                name: "replaced_id",
                table: "sessions",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddPrimaryKey(
                name: "pk_revocations",
                table: "revocations",
                column: "sequence");

            migrationBuilder.AddCheckConstraint(
                name: "ck_sessions_expiry",
                table: "sessions",
                sql: "idle_expires_at <= absolute_expires_at");

            migrationBuilder.AddCheckConstraint(
                name: "ck_applications_refresh_seconds",
                table: "applications",
                sql: "refresh_idle_seconds BETWEEN 60 AND refresh_absolute_seconds");
        }
    }
}
