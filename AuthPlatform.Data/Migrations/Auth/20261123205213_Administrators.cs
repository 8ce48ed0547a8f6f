using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <inheritdoc />
    public partial class Administrators : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "administrators",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    normalized_user_name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    password_hash = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    security_stamp = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    roles = table.Column<string[]>(type: "text[]", nullable: false),
                    totp_secret_encrypted = table.Column<byte[]>(type: "bytea", nullable: true),
                    totp_secret_encryption_key = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: true),
                    totp_last_step = table.Column<long>(type: "bigint", nullable: false),
                    recovery_code_hashes = table.Column<string[]>(type: "text[]", nullable: false),
                    approved_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    suspended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_sign_in_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_administrators", x => x.id);
                    table.CheckConstraint("ck_administrators_roles", "roles <@ ARRAY['administrator', 'application_manager', 'user_manager', 'auditor']");
                });

            migrationBuilder.CreateTable(
                name: "sign_in_delays",
                columns: table => new
                {
                    key = table.Column<byte[]>(type: "bytea", nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    not_before = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    tried_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sign_in_delays", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "administrator_links",
                columns: table => new
                {
                    token_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    administrator_id = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_administrator_links", x => x.token_hash);
                    table.CheckConstraint("ck_administrator_links_token_hash", "octet_length(token_hash) = 32");
                    table.ForeignKey(
                        name: "fk_administrator_links_administrators_administrator_id",
                        column: x => x.administrator_id,
                        principalTable: "administrators",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "administrator_passkeys",
                columns: table => new
                {
                    credential_id = table.Column<byte[]>(type: "bytea", maxLength: 1024, nullable: false),
                    administrator_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    public_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    sign_count = table.Column<long>(type: "bigint", nullable: false),
                    transports = table.Column<string[]>(type: "text[]", nullable: false),
                    is_user_verified = table.Column<bool>(type: "boolean", nullable: false),
                    is_backup_eligible = table.Column<bool>(type: "boolean", nullable: false),
                    is_backed_up = table.Column<bool>(type: "boolean", nullable: false),
                    attestation_object = table.Column<byte[]>(type: "bytea", nullable: false),
                    client_data_json = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_administrator_passkeys", x => x.credential_id);
                    table.ForeignKey(
                        name: "fk_administrator_passkeys_administrators_administrator_id",
                        column: x => x.administrator_id,
                        principalTable: "administrators",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "administrator_sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    administrator_id = table.Column<Guid>(type: "uuid", nullable: false),
                    method = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    verified_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    address = table.Column<string>(type: "character varying(45)", maxLength: 45, nullable: false),
                    user_agent = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_administrator_sessions", x => x.id);
                    table.ForeignKey(
                        name: "fk_administrator_sessions_administrators_administrator_id",
                        column: x => x.administrator_id,
                        principalTable: "administrators",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "application_owners",
                columns: table => new
                {
                    application_id = table.Column<Guid>(type: "uuid", nullable: false),
                    administrator_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_application_owners", x => new { x.application_id, x.administrator_id });
                    table.ForeignKey(
                        name: "fk_application_owners_administrators_administrator_id",
                        column: x => x.administrator_id,
                        principalTable: "administrators",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_application_owners_applications_application_id",
                        column: x => x.application_id,
                        principalTable: "applications",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_administrator_links_administrator_id",
                table: "administrator_links",
                column: "administrator_id");

            migrationBuilder.CreateIndex(
                name: "ix_administrator_passkeys_administrator_id",
                table: "administrator_passkeys",
                column: "administrator_id");

            migrationBuilder.CreateIndex(
                name: "ix_administrator_sessions_administrator_id",
                table: "administrator_sessions",
                column: "administrator_id");

            migrationBuilder.CreateIndex(
                name: "ix_administrator_sessions_last_seen_at",
                table: "administrator_sessions",
                column: "last_seen_at");

            migrationBuilder.CreateIndex(
                name: "ix_administrators_normalized_user_name",
                table: "administrators",
                column: "normalized_user_name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_application_owners_administrator_id",
                table: "application_owners",
                column: "administrator_id");

            migrationBuilder.CreateIndex(
                name: "ix_sign_in_delays_tried_at",
                table: "sign_in_delays",
                column: "tried_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "administrator_links");

            migrationBuilder.DropTable(
                name: "administrator_passkeys");

            migrationBuilder.DropTable(
                name: "administrator_sessions");

            migrationBuilder.DropTable(
                name: "application_owners");

            migrationBuilder.DropTable(
                name: "sign_in_delays");

            migrationBuilder.DropTable(
                name: "administrators");
        }
    }
}
