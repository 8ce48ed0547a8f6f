using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>Looks for what the clean-up has to look at by the new column. While the index is made, sessions can be read but not written.</summary>
    /// <remarks>It was part of the migration before: where that has run already, there is nothing left to do.</remarks>
    [DbContext(typeof(AuthDbContext))]
    [Migration("20261126004515_SessionSweepsIndex")]
    public class SessionSweepsIndex : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql("CREATE INDEX IF NOT EXISTS ix_sessions_sweep_at ON sessions (sweep_at);");

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("To go back, start the old version: it works with this schema.");
    }
}
