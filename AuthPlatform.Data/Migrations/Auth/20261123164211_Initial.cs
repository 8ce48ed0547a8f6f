using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "applications",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    client_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    enabled = table.Column<bool>(type: "boolean", nullable: false, defaultValue: true),
                    minimum_signature_version = table.Column<short>(type: "smallint", nullable: false, defaultValue: (short)2),
                    allowed_ips = table.Column<string[]>(type: "text[]", nullable: false, defaultValueSql: "'{}'"),
                    access_lifetime_seconds = table.Column<int>(type: "integer", nullable: false, defaultValue: 300),
                    refresh_idle_seconds = table.Column<int>(type: "integer", nullable: false, defaultValue: 604800),
                    refresh_absolute_seconds = table.Column<int>(type: "integer", nullable: false, defaultValue: 2592000),
                    refresh_format = table.Column<string>(type: "character varying(8)", maxLength: 8, nullable: false, defaultValue: "opaque"),
                    claims_profile = table.Column<string>(type: "character varying(8)", maxLength: 8, nullable: false, defaultValue: "rfc9068"),
                    audience = table.Column<string>(type: "character varying(512)", maxLength: 512, nullable: true),
                    refresh_key_encrypted = table.Column<byte[]>(type: "bytea", nullable: false),
                    refresh_key_encryption_key = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_applications", x => x.id);
                    table.CheckConstraint("ck_applications_access_lifetime_seconds", "access_lifetime_seconds BETWEEN 60 AND 3600");
                    table.CheckConstraint("ck_applications_claims_profile", "claims_profile IN ('rfc9068', 'seed')");
                    table.CheckConstraint("ck_applications_client_id", "client_id ~ '^[A-Za-z0-9_-]{1,64}$'");
                    table.CheckConstraint("ck_applications_minimum_signature_version", "minimum_signature_version BETWEEN 1 AND 2");
                    table.CheckConstraint("ck_applications_refresh_format", "refresh_format IN ('opaque', 'jwt')");
                    table.CheckConstraint("ck_applications_refresh_seconds", "refresh_idle_seconds BETWEEN 60 AND refresh_absolute_seconds");
                });

            migrationBuilder.CreateTable(
                name: "replay_entries",
                columns: table => new
                {
                    key = table.Column<byte[]>(type: "bytea", nullable: false),
                    endpoint = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_replay_entries", x => x.key);
                    table.CheckConstraint("ck_replay_entries_key", "octet_length(key) = 32");
                });

            migrationBuilder.CreateTable(
                name: "revocations",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    application_id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    reason = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_revocations", x => x.sequence);
                });

            migrationBuilder.CreateTable(
                name: "application_secrets",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    application_id = table.Column<Guid>(type: "uuid", nullable: false),
                    slot = table.Column<short>(type: "smallint", nullable: false),
                    secret_encrypted = table.Column<byte[]>(type: "bytea", nullable: false),
                    encryption_key = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_application_secrets", x => x.id);
                    table.CheckConstraint("ck_application_secrets_slot", "slot IN (1, 2)");
                    table.ForeignKey(
                        name: "fk_application_secrets_applications_application_id",
                        column: x => x.application_id,
                        principalTable: "applications",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    application_id = table.Column<Guid>(type: "uuid", nullable: false),
                    unique_key = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    device = table.Column<string>(type: "character varying(512)", maxLength: 512, nullable: false),
                    device_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    ip = table.Column<string>(type: "character varying(45)", maxLength: 45, nullable: false),
                    generation = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    replaced_id = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    refreshed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    idle_expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    absolute_expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sessions", x => x.id);
                    table.CheckConstraint("ck_sessions_device_hash", "octet_length(device_hash) = 32");
                    table.CheckConstraint("ck_sessions_expiry", "idle_expires_at <= absolute_expires_at");
                    table.CheckConstraint("ck_sessions_generation", "generation >= 0");
                    table.CheckConstraint("ck_sessions_unique_key", "unique_key <> ''");
                    table.ForeignKey(
                        name: "fk_sessions_applications_application_id",
                        column: x => x.application_id,
                        principalTable: "applications",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                })
                .Annotation("Npgsql:StorageParameter:fillfactor", 80);

            migrationBuilder.CreateIndex(
                name: "ix_application_secrets_application_id_slot",
                table: "application_secrets",
                columns: new[] { "application_id", "slot" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_applications_client_id",
                table: "applications",
                column: "client_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_replay_entries_expires_at",
                table: "replay_entries",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_revocations_session_id",
                table: "revocations",
                column: "session_id");

            migrationBuilder.CreateIndex(
                name: "ix_revocations_until",
                table: "revocations",
                column: "until");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_application_id_unique_key_device_hash_ip",
                table: "sessions",
                columns: new[] { "application_id", "unique_key", "device_hash", "ip" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_sessions_idle_expires_at",
                table: "sessions",
                column: "idle_expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "application_secrets");

            migrationBuilder.DropTable(
                name: "replay_entries");

            migrationBuilder.DropTable(
                name: "revocations");

            migrationBuilder.DropTable(
                name: "sessions");

            migrationBuilder.DropTable(
                name: "applications");
        }
    }
}
