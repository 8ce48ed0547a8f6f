using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <inheritdoc />
    public partial class SessionsByUser : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_sessions_unique_key_application_id_device_hash_ip",
                table: "sessions",
                columns: new[] { "unique_key", "application_id", "device_hash", "ip" },
                unique: true);

            migrationBuilder.DropIndex(
                name: "ix_sessions_application_id_unique_key_device_hash_ip",
                table: "sessions");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_sessions_unique_key_application_id_device_hash_ip",
                table: "sessions");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_application_id_unique_key_device_hash_ip",
                table: "sessions",
                columns: new[] { "application_id", "unique_key", "device_hash", "ip" },
                unique: true);
        }
    }
}
