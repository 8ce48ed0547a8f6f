using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Keys
{
    /// <inheritdoc />
    public partial class KeyLifeCycle : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_key_applications_announce_seconds",
                table: "key_applications");

            migrationBuilder.DropCheckConstraint(
                name: "ck_key_applications_retain_seconds",
                table: "key_applications");

            migrationBuilder.AlterColumn<int>(
                name: "rotate_every_seconds",
                table: "key_applications",
                type: "integer",
                nullable: true,
                oldClrType: typeof(int),
                oldType: "integer",
                oldDefaultValue: 7776000);

            migrationBuilder.AlterColumn<int>(
                name: "retain_seconds",
                table: "key_applications",
                type: "integer",
                nullable: true,
                oldClrType: typeof(int),
                oldType: "integer",
                oldDefaultValue: 1209600);

            migrationBuilder.AlterColumn<int>(
                name: "key_size",
                table: "key_applications",
                type: "integer",
                nullable: true,
                oldClrType: typeof(int),
                oldType: "integer",
                oldDefaultValue: 2048);

            migrationBuilder.AlterColumn<int>(
                name: "announce_seconds",
                table: "key_applications",
                type: "integer",
                nullable: true,
                oldClrType: typeof(int),
                oldType: "integer",
                oldDefaultValue: 1209600);

            // What was the default of the column is no setting of the application.
            migrationBuilder.Sql(
                """
                UPDATE key_applications SET
                    key_size = NULLIF(key_size, 2048), rotate_every_seconds = NULLIF(rotate_every_seconds, 7776000),
                    announce_seconds = NULLIF(announce_seconds, 1209600), retain_seconds = NULLIF(retain_seconds, 1209600)
                """);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "rotated_at",
                table: "key_applications",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "rotation_answer",
                table: "key_applications",
                type: "character varying(4000)",
                maxLength: 4000,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "rotation_due_at",
                table: "key_applications",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "rotation_request",
                table: "key_applications",
                type: "character varying(64)",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "rotation_retain_seconds",
                table: "key_applications",
                type: "integer",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "key_ring_versions",
                columns: table => new
                {
                    id = table.Column<short>(type: "smallint", nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_key_ring_versions", x => x.id);
                    table.CheckConstraint("ck_key_ring_versions_id", "id = 1");
                });

            migrationBuilder.InsertData(
                table: "key_ring_versions",
                columns: new[] { "id", "version" },
                values: new object[] { (short)1, 0L });

            migrationBuilder.AddCheckConstraint(
                name: "ck_key_applications_rotation",
                table: "key_applications",
                sql: "(rotation_due_at IS NULL) = (rotation_retain_seconds IS NULL)");

            migrationBuilder.AddCheckConstraint(
                name: "ck_key_applications_schedule",
                table: "key_applications",
                sql: "rotate_every_seconds > 0 AND announce_seconds > 0 AND retain_seconds > 0");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "key_ring_versions");

            migrationBuilder.DropCheckConstraint(
                name: "ck_key_applications_rotation",
                table: "key_applications");

            migrationBuilder.DropCheckConstraint(
                name: "ck_key_applications_schedule",
                table: "key_applications");

            migrationBuilder.DropColumn(
                name: "rotated_at",
                table: "key_applications");

            migrationBuilder.DropColumn(
                name: "rotation_answer",
                table: "key_applications");

            migrationBuilder.DropColumn(
                name: "rotation_due_at",
                table: "key_applications");

            migrationBuilder.DropColumn(
                name: "rotation_request",
                table: "key_applications");

            migrationBuilder.DropColumn(
                name: "rotation_retain_seconds",
                table: "key_applications");

            migrationBuilder.AlterColumn<int>(
                name: "rotate_every_seconds",
                table: "key_applications",
                type: "integer",
                nullable: false,
                defaultValue: 7776000,
                oldClrType: typeof(int),
                oldType: "integer",
                oldNullable: true);

            migrationBuilder.AlterColumn<int>(
                name: "retain_seconds",
                table: "key_applications",
                type: "integer",
                nullable: false,
                defaultValue: 1209600,
                oldClrType: typeof(int),
                oldType: "integer",
                oldNullable: true);

            migrationBuilder.AlterColumn<int>(
                name: "key_size",
                table: "key_applications",
                type: "integer",
                nullable: false,
                defaultValue: 2048,
                oldClrType: typeof(int),
                oldType: "integer",
                oldNullable: true);

            migrationBuilder.AlterColumn<int>(
                name: "announce_seconds",
                table: "key_applications",
                type: "integer",
                nullable: false,
                defaultValue: 1209600,
                oldClrType: typeof(int),
                oldType: "integer",
                oldNullable: true);

            migrationBuilder.AddCheckConstraint(
                name: "ck_key_applications_announce_seconds",
                table: "key_applications",
                sql: "announce_seconds >= 86400 AND announce_seconds < rotate_every_seconds");

            migrationBuilder.AddCheckConstraint(
                name: "ck_key_applications_retain_seconds",
                table: "key_applications",
                sql: "retain_seconds >= 3930");
        }
    }
}
