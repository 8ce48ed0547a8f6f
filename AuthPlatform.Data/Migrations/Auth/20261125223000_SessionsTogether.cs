using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>
    /// Starts, renews and ends the sessions of a whole batch, each step in one statement for all of them. On a table that was small when a plan was made, or never analysed, the
    /// planner would read all of it; so each session is looked up by itself, its row is changed by its place (ctid), and nothing may read the table from end to end.
    /// A step that follows a lock is a statement of its own: it sees what others did before the lock was given.
    /// </summary>
    [DbContext(typeof(AuthDbContext))]
    [Migration("20261125223000_SessionsTogether")]
    public class SessionsTogether : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Users are locked in the order of their locks, by every replica: no two batches can wait for each other. Then those sessions end in whose place the new ones start,
            // and those beyond the number that a user may have, least recently used first; a row is revoked only when one of its tokens is still alive.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION start_sessions(
                    p_user_locks text[], p_ids uuid[], p_application_ids uuid[], p_unique_keys text[], p_devices text[], p_device_hashes bytea[], p_ips text[], p_scopes text[],
                    p_claims text[], p_key_ids text[], p_started_at timestamptz[], p_tokens_until timestamptz[], p_idle_expires_at timestamptz[],
                    p_absolute_expires_at timestamptz[], p_session_scopes text[], p_most bigint[], p_margin interval)
                RETURNS TABLE (id uuid, ended_id uuid, reason text, until timestamptz) LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
                #variable_conflict use_column
                DECLARE
                    v_places tid[];
                    v_leaving uuid[];
                    v_for uuid[];
                    v_reasons text[];
                BEGIN
                    PERFORM pg_advisory_xact_lock(l.key) FROM (SELECT hashtextextended(u.name, 0) AS key FROM unnest(p_user_locks) AS u (name) ORDER BY 1 OFFSET 0) AS l;

                    IF EXISTS (
                        SELECT FROM unnest(p_application_ids, p_unique_keys) AS n (application_id, unique_key)
                        CROSS JOIN LATERAL (SELECT FROM sessions WHERE unique_key = n.unique_key AND (application_id = n.application_id) IS TRUE OFFSET 0) AS s)
                    THEN
                        WITH standing AS (
                            SELECT n.id AS for_id, n.most, s.id, s.refreshed_at,
                                n.session_scope = 'user' OR (s.device_hash = n.device_hash AND (n.session_scope = 'user_device' OR s.ip = n.ip)) AS replaced
                            FROM unnest(p_ids, p_application_ids, p_unique_keys, p_device_hashes, p_ips, p_session_scopes, p_most)
                                AS n (id, application_id, unique_key, device_hash, ip, session_scope, most)
                            CROSS JOIN LATERAL (
                                SELECT id, device_hash, ip, refreshed_at FROM sessions
                                WHERE unique_key = n.unique_key AND (application_id = n.application_id) IS TRUE OFFSET 0) AS s),
                        ranked AS (SELECT for_id, most, id, replaced, row_number() OVER (PARTITION BY for_id, replaced ORDER BY refreshed_at DESC, id DESC) AS place FROM standing),
                        locked AS (
                            SELECT s.place, r.id, r.for_id, CASE WHEN r.replaced THEN 'replaced' ELSE 'evicted' END AS reason
                            FROM (SELECT * FROM ranked WHERE replaced OR place >= most ORDER BY id OFFSET 0) AS r
                            CROSS JOIN LATERAL (SELECT ctid AS place FROM sessions WHERE id = r.id OFFSET 0 FOR UPDATE) AS s)
                        SELECT array_agg(place), array_agg(id), array_agg(for_id), array_agg(reason) INTO v_places, v_leaving, v_for, v_reasons FROM locked;

                        RETURN QUERY
                        WITH gone AS (
                            DELETE FROM sessions AS s WHERE s.ctid = ANY (v_places) RETURNING s.id, s.application_id, s.tokens_until + p_margin AS until),
                        ended AS (
                            SELECT g.application_id, g.id, l.for_id, l.reason, g.until, n.started_at
                            FROM gone AS g
                            JOIN unnest(v_leaving, v_for, v_reasons) AS l (id, for_id, reason) ON l.id = g.id
                            JOIN unnest(p_ids, p_started_at) AS n (id, started_at) ON n.id = l.for_id),
                        revoked AS (
                            INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
                            SELECT application_id, id, reason, started_at, started_at, until FROM ended WHERE until > started_at)
                        SELECT for_id, id, reason, until FROM ended;
                    END IF;

                    INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, scope, claims, key_id, generation, created_at, refreshed_at, tokens_until,
                                          idle_expires_at, absolute_expires_at)
                    SELECT n.id, n.application_id, n.unique_key, n.device, n.device_hash, n.ip, n.scope, n.claims, n.key_id, 0, n.started_at, n.started_at, n.tokens_until,
                        n.idle_expires_at, n.absolute_expires_at
                    FROM unnest(p_ids, p_application_ids, p_unique_keys, p_devices, p_device_hashes, p_ips, p_scopes, p_claims, p_key_ids, p_started_at, p_tokens_until,
                                p_idle_expires_at, p_absolute_expires_at)
                        AS n (id, application_id, unique_key, device, device_hash, ip, scope, claims, key_id, started_at, tokens_until, idle_expires_at, absolute_expires_at);
                END $$
                """);

            // Moves each session on by one generation and revokes the access token of the one before, with grace; those are missing that are no longer at their generation.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION renew_sessions(
                    p_ids uuid[], p_application_ids uuid[], p_generations integer[], p_refreshed_at timestamptz[], p_tokens_until timestamptz[], p_idle_expires_at timestamptz[],
                    p_key_ids text[], p_grace_until timestamptz[], p_revoked_until timestamptz[])
                RETURNS TABLE (id uuid) LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
                #variable_conflict use_column
                DECLARE
                    v_places tid[];
                BEGIN
                    SELECT array_agg(s.place) INTO v_places
                    FROM (
                        SELECT * FROM unnest(p_ids, p_application_ids, p_generations) AS a (id, application_id, generation) ORDER BY id OFFSET 0) AS n
                    CROSS JOIN LATERAL (
                        SELECT ctid AS place FROM sessions
                        WHERE id = n.id AND (application_id = n.application_id) IS TRUE AND generation = n.generation OFFSET 0 FOR NO KEY UPDATE) AS s;

                    RETURN QUERY
                    WITH renewed AS (
                        UPDATE sessions AS s
                        SET generation = s.generation + 1, refreshed_at = n.refreshed_at, tokens_until = n.tokens_until, idle_expires_at = n.idle_expires_at, key_id = n.key_id
                        FROM unnest(p_ids, p_generations, p_refreshed_at, p_tokens_until, p_idle_expires_at, p_key_ids, p_grace_until, p_revoked_until)
                            AS n (id, generation, refreshed_at, tokens_until, idle_expires_at, key_id, grace_until, revoked_until)
                        WHERE s.ctid = ANY (v_places) AND s.id = n.id
                        RETURNING s.application_id, n.id, n.generation, n.refreshed_at, n.grace_until, n.revoked_until),
                    revoked AS (
                        INSERT INTO revocations (application_id, revoked_id, generation, reason, revoked_at, effective_at, until)
                        SELECT application_id, id, generation, 'refreshed', refreshed_at, grace_until, revoked_until FROM renewed WHERE revoked_until > refreshed_at)
                    SELECT id FROM renewed;
                END $$
                """);

            // Ends those of an application's sessions that are still there. Rows are locked in the order of their ids, by everyone who locks several: no two can wait for each other.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION end_sessions(p_application_id uuid, p_ids uuid[], p_reason text, p_now timestamptz, p_margin interval)
                RETURNS TABLE (id uuid, unique_key text, until timestamptz) LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
                #variable_conflict use_column
                DECLARE
                    v_places tid[];
                BEGIN
                    SELECT array_agg(s.place) INTO v_places
                    FROM (SELECT DISTINCT id FROM unnest(p_ids) AS a (id) ORDER BY id) AS n
                    CROSS JOIN LATERAL (SELECT ctid AS place FROM sessions WHERE id = n.id AND (application_id = p_application_id) IS TRUE OFFSET 0 FOR UPDATE) AS s;

                    RETURN QUERY
                    WITH ended AS (
                        DELETE FROM sessions AS s WHERE s.ctid = ANY (v_places) RETURNING s.id, s.unique_key::text, s.tokens_until + p_margin AS until),
                    revoked AS (
                        INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
                        SELECT p_application_id, id, p_reason, p_now, p_now, until FROM ended WHERE until > p_now)
                    SELECT id, unique_key, until FROM ended;
                END $$
                """);

            // Revokes access tokens whose session is not there any more, and those that never had one. Only the index on the id serves: that on what resource servers read would
            // be read as a whole, and the more is revoked the longer each revocation would take.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION revoke_tokens(
                    p_application_id uuid, p_ids uuid[], p_until timestamptz[], p_are_tokens boolean[], p_reason text, p_now timestamptz)
                RETURNS void LANGUAGE sql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
                    INSERT INTO revocations (application_id, revoked_id, is_token, reason, revoked_at, effective_at, until)
                    SELECT p_application_id, t.id, t.is_token, p_reason, p_now, p_now, t.until
                    FROM unnest(p_ids, p_until, p_are_tokens) AS t (id, until, is_token)
                    WHERE NOT EXISTS (
                        SELECT FROM revocations AS r WHERE r.revoked_id = t.id AND (r.generation IS NULL) IS TRUE AND r.effective_at <= p_now OFFSET 0)
                $$
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql("DROP FUNCTION start_sessions; DROP FUNCTION renew_sessions; DROP FUNCTION end_sessions; DROP FUNCTION revoke_tokens;");
    }
}
