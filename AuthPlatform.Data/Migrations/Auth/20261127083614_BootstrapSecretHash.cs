using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <inheritdoc />
    public partial class BootstrapSecretHash : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "bootstrap_secret_hash",
                table: "applications",
                type: "bytea",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "bootstrap_secret_hash",
                table: "applications");
        }
    }
}
