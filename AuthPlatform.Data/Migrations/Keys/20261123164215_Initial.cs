using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Keys
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "key_applications",
                columns: table => new
                {
                    client_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    key_size = table.Column<int>(type: "integer", nullable: false, defaultValue: 2048),
                    rotate_every_seconds = table.Column<int>(type: "integer", nullable: false, defaultValue: 7776000),
                    announce_seconds = table.Column<int>(type: "integer", nullable: false, defaultValue: 1209600),
                    retain_seconds = table.Column<int>(type: "integer", nullable: false, defaultValue: 1209600),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_key_applications", x => x.client_id);
                    table.CheckConstraint("ck_key_applications_announce_seconds", "announce_seconds >= 86400 AND announce_seconds < rotate_every_seconds");
                    table.CheckConstraint("ck_key_applications_client_id", "client_id ~ '^[A-Za-z0-9_-]{1,64}$'");
                    table.CheckConstraint("ck_key_applications_key_size", "key_size IN (2048, 3072, 4096)");
                    table.CheckConstraint("ck_key_applications_retain_seconds", "retain_seconds >= 3930");
                });

            migrationBuilder.CreateTable(
                name: "signing_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kid = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    client_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    algorithm = table.Column<string>(type: "character varying(8)", maxLength: 8, nullable: false, defaultValue: "RS256"),
                    key_size = table.Column<int>(type: "integer", nullable: false),
                    public_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    private_key_encrypted = table.Column<byte[]>(type: "bytea", nullable: true),
                    encryption_key = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    announced_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    activated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    superseded_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_signing_keys", x => x.id);
                    table.CheckConstraint("ck_signing_keys_algorithm", "algorithm = 'RS256'");
                    table.CheckConstraint("ck_signing_keys_encryption_key", "(private_key_encrypted IS NULL) = (encryption_key IS NULL)");
                    table.CheckConstraint("ck_signing_keys_key_size", "key_size IN (2048, 3072, 4096)");
                    table.CheckConstraint("ck_signing_keys_life", "superseded_at IS NULL OR (activated_at IS NOT NULL AND expires_at IS NOT NULL)");
                    table.CheckConstraint("ck_signing_keys_private_key", "(private_key_encrypted IS NOT NULL) = (superseded_at IS NULL AND revoked_at IS NULL)");
                    table.ForeignKey(
                        name: "fk_signing_keys_key_applications_client_id",
                        column: x => x.client_id,
                        principalTable: "key_applications",
                        principalColumn: "client_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_signing_keys_client_id",
                table: "signing_keys",
                column: "client_id");

            migrationBuilder.CreateIndex(
                name: "ix_signing_keys_kid",
                table: "signing_keys",
                column: "kid",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ux_signing_keys_active",
                table: "signing_keys",
                column: "client_id",
                unique: true,
                filter: "activated_at IS NOT NULL AND superseded_at IS NULL AND revoked_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ux_signing_keys_next",
                table: "signing_keys",
                column: "client_id",
                unique: true,
                filter: "activated_at IS NULL AND revoked_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "signing_keys");

            migrationBuilder.DropTable(
                name: "key_applications");
        }
    }
}
