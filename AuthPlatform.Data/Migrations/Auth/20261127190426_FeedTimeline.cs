using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>Says which history of the server this is: one that takes over, or is put back to an earlier state, gives the numbers of the transactions that it has lost once more.</summary>
    public partial class FeedTimeline : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Some servers whose storage replicates itself have nothing to ask: they lose no transactions. One that only repeats another's is no such server, and is not believed.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION database_timeline() RETURNS int LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
                BEGIN
                    RETURN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int;
                EXCEPTION WHEN feature_not_supported OR object_not_in_prerequisite_state OR insufficient_privilege OR undefined_function THEN
                    IF pg_is_in_recovery() THEN
                        RAISE;
                    END IF;
                    RETURN 1;
                END $$;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP FUNCTION database_timeline()");
        }
    }
}
