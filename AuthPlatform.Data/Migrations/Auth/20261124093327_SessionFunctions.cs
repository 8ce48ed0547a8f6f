using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>
    /// What happens to each of the sessions that a statement starts or renews. As functions, because then each step is planned for one session: for many at once, on a table
    /// that was never analysed, the planner would read all of it; and because those steps that most sessions do not need cost nothing.
    /// </summary>
    [DbContext(typeof(AuthDbContext))]
    [Migration("20261124093327_SessionFunctions")]
    public class SessionFunctions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Ends the sessions in whose place the new one starts, and those beyond the number that a user may have, least recently used first; a row is revoked only when
            // one of its tokens is still alive. The caller holds the user's lock, taken by a statement before, so that this one sees what others did under it.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION start_session(
                    p_id uuid, p_application_id uuid, p_unique_key text, p_device text, p_device_hash bytea, p_ip text, p_scope text, p_claims text, p_key_id text,
                    p_started_at timestamptz, p_tokens_until timestamptz, p_idle_expires_at timestamptz, p_absolute_expires_at timestamptz, p_session_scope text, p_most bigint,
                    p_margin interval)
                RETURNS TABLE (ended_id uuid, reason text, until timestamptz) LANGUAGE plpgsql AS $$
                #variable_conflict use_column
                BEGIN
                    IF EXISTS (SELECT FROM sessions WHERE unique_key = p_unique_key AND (application_id = p_application_id) IS TRUE) THEN
                        RETURN QUERY
                        WITH standing AS (
                            SELECT id, p_session_scope = 'user' OR (device_hash = p_device_hash AND (p_session_scope = 'user_device' OR ip = p_ip)) AS replaced, refreshed_at
                            FROM sessions WHERE unique_key = p_unique_key AND (application_id = p_application_id) IS TRUE),
                        ranked AS (SELECT id, replaced, row_number() OVER (PARTITION BY replaced ORDER BY refreshed_at DESC, id DESC) AS place FROM standing),
                        leaving AS (
                            SELECT s.id, r.replaced FROM sessions s JOIN ranked r USING (id) WHERE r.replaced OR r.place >= p_most ORDER BY s.id FOR UPDATE OF s),
                        ended AS (
                            DELETE FROM sessions s USING leaving l WHERE s.id = l.id
                            RETURNING s.id, CASE WHEN l.replaced THEN 'replaced' ELSE 'evicted' END AS reason, s.tokens_until + p_margin AS until),
                        revoked AS (
                            INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
                            SELECT p_application_id, e.id, e.reason, p_started_at, p_started_at, e.until FROM ended e WHERE e.until > p_started_at)
                        SELECT e.id, e.reason, e.until FROM ended e;
                    END IF;

                    INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, scope, claims, key_id, generation, created_at, refreshed_at,
                                          tokens_until, idle_expires_at, absolute_expires_at)
                    VALUES (p_id, p_application_id, p_unique_key, p_device, p_device_hash, p_ip, p_scope, p_claims, p_key_id, 0, p_started_at, p_started_at,
                            p_tokens_until, p_idle_expires_at, p_absolute_expires_at);
                END $$
                """);

            // Moves a session on by one generation and revokes the access token of the one before, with grace; false when it is no longer at that generation.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION renew_session(
                    p_id uuid, p_application_id uuid, p_generation integer, p_refreshed_at timestamptz, p_tokens_until timestamptz, p_idle_expires_at timestamptz, p_key_id text,
                    p_grace_until timestamptz, p_revoked_until timestamptz)
                RETURNS boolean LANGUAGE plpgsql AS $$
                BEGIN
                    UPDATE sessions SET generation = generation + 1, refreshed_at = p_refreshed_at, tokens_until = p_tokens_until, idle_expires_at = p_idle_expires_at,
                        key_id = p_key_id
                    WHERE id = p_id AND (application_id = p_application_id) IS TRUE AND generation = p_generation;
                    IF NOT FOUND THEN
                        RETURN false;
                    END IF;

                    IF p_revoked_until > p_refreshed_at THEN
                        INSERT INTO revocations (application_id, revoked_id, generation, reason, revoked_at, effective_at, until)
                        VALUES (p_application_id, p_id, p_generation, 'refreshed', p_refreshed_at, p_grace_until, p_revoked_until);
                    END IF;

                    RETURN true;
                END $$
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql("DROP FUNCTION start_session; DROP FUNCTION renew_session;");
    }
}
