using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>By hand: EF Core knows neither partitions nor triggers. The Token API makes the partitions of the months; what has none yet stays in the default one.</summary>
    [DbContext(typeof(AuthDbContext))]
    [Migration("20261123201222_Audit")]
    public class Audit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                CREATE TABLE audit_events (
                    occurred_at timestamp with time zone NOT NULL,
                    id uuid NOT NULL,
                    application_id uuid,
                    client_id character varying(64),
                    kind character varying(32) NOT NULL,
                    code character varying(64),
                    session_id uuid,
                    unique_key character varying(128),
                    address character varying(64),
                    actor character varying(200),
                    count integer NOT NULL DEFAULT 1,
                    details jsonb,
                    CONSTRAINT pk_audit_events PRIMARY KEY (occurred_at, id),
                    CONSTRAINT ck_audit_events_count CHECK (count >= 1),
                    CONSTRAINT ck_audit_events_details CHECK (octet_length(details::text) <= 65536)
                ) PARTITION BY RANGE (occurred_at);

                CREATE INDEX ix_audit_events_application_id_occurred_at_id ON audit_events (application_id, occurred_at, id);

                CREATE TABLE audit_events_default PARTITION OF audit_events DEFAULT;

                CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'insufficient_privilege';
                END $$;

                CREATE TRIGGER tr_audit_events_rows BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
                CREATE TRIGGER tr_audit_events_all BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                DROP TABLE audit_events;
                DROP FUNCTION refuse_audit_change();
                """);
        }
    }
}
