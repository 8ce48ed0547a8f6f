using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>
    /// Looking after the partitions of the audit, with the rights of the owner of the tables, for a Token API that has none of them. It decides by the clock of the
    /// database and by what the owner says: whoever calls it can neither choose what is dropped nor when.
    /// </summary>
    [DbContext(typeof(AuthDbContext))]
    [Migration("20261125074500_AuditPartitions")]
    public class AuditPartitions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // The Migration Worker replaces it by what it is configured with, each time it starts.
            migrationBuilder.Sql("CREATE FUNCTION audit_retention() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '180 days' $$");

            // Partitions change places only when nobody reads or writes, and whoever comes meanwhile waits behind: so the wait for that is short. Detached, the default partition
            // neither forbids a partition for rows that it holds nor refuses to give them up. What was written before its month had a partition, or under a clock that was wrong,
            // is moved from there.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION keep_audit_partitions() RETURNS TABLE (partition_name text, is_new boolean)
                LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '3s' AS $$
                DECLARE
                    moment timestamptz := clock_timestamp();
                    starts timestamptz;
                    missing timestamptz[];
                BEGIN
                    IF NOT pg_try_advisory_xact_lock(hashtextextended('audit_partitions', 0)) THEN
                        RETURN;
                    END IF;

                    missing := ARRAY(
                        SELECT m FROM (
                            SELECT date_trunc('month', moment) + make_interval(months => ahead) FROM generate_series(0, 2) AS g (ahead)
                            UNION
                            SELECT date_trunc('month', occurred_at) FROM audit_events_default WHERE occurred_at >= '2000-01-01' AND occurred_at < '3000-01-01') AS months (m)
                        WHERE to_regclass('public.audit_events_' || to_char(m, 'YYYYMM')) IS NULL ORDER BY m);
                    IF cardinality(missing) > 0 THEN
                        ALTER TABLE audit_events DETACH PARTITION audit_events_default;
                        FOREACH starts IN ARRAY missing LOOP
                            partition_name := 'audit_events_' || to_char(starts, 'YYYYMM');
                            is_new := true;
                            EXECUTE format('CREATE TABLE %I PARTITION OF audit_events FOR VALUES FROM (%L) TO (%L)', partition_name, starts, starts + interval '1 month');
                            INSERT INTO audit_events SELECT * FROM audit_events_default WHERE occurred_at >= starts AND occurred_at < starts + interval '1 month';
                            DELETE FROM audit_events_default WHERE occurred_at >= starts AND occurred_at < starts + interval '1 month';
                            RETURN NEXT;
                        END LOOP;
                        ALTER TABLE audit_events ATTACH PARTITION audit_events_default DEFAULT;
                    END IF;

                    FOR partition_name IN
                        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                        WHERE i.inhparent = 'audit_events'::regclass AND c.relname ~ '^audit_events_[0-9]{6}$'
                    LOOP
                        IF to_date(right(partition_name, 6), 'YYYYMM') + interval '1 month' <= moment - audit_retention() THEN
                            is_new := false;
                            EXECUTE format('DROP TABLE %I', partition_name);
                            RETURN NEXT;
                        END IF;
                    END LOOP;
                END $$;

                REVOKE EXECUTE ON FUNCTION keep_audit_partitions() FROM PUBLIC;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql("DROP FUNCTION keep_audit_partitions(); DROP FUNCTION audit_retention();");
    }
}
