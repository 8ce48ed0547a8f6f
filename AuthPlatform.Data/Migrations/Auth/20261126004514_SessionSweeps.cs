using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>
    /// A refresh no longer touches the indexes of the sessions: when a session ends is not indexed any more, only when the clean-up looks at it next. Sessions of before are
    /// looked at once.
    /// </summary>
    /// <remarks>The functions are those of SessionsTogether, which now write that column, and are planned for any number of sessions by themselves instead of by the whole pool.</remarks>
    [DbContext(typeof(AuthDbContext))]
    [Migration("20261126004514_SessionSweeps")]
    public class SessionSweeps : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // The default is a constant: no row has to be written. The indexes change in a migration, and transaction, of their own: this one lets nobody read, if for a moment.
            migrationBuilder.Sql(
                """
                ALTER TABLE sessions ADD COLUMN sweep_at timestamptz NOT NULL DEFAULT '-infinity';
                """);
            migrationBuilder.Sql(
                """
                CREATE OR REPLACE FUNCTION start_sessions(
                    p_user_locks text[], p_ids uuid[], p_application_ids uuid[], p_unique_keys text[], p_devices text[], p_device_hashes bytea[], p_ips text[], p_scopes text[],
                    p_claims text[], p_key_ids text[], p_started_at timestamptz[], p_tokens_until timestamptz[], p_idle_expires_at timestamptz[],
                    p_absolute_expires_at timestamptz[], p_session_scopes text[], p_most bigint[], p_margin interval)
                RETURNS TABLE (id uuid, ended_id uuid, reason text, until timestamptz) LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off
                    SET plan_cache_mode = force_generic_plan AS $$
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
                                          idle_expires_at, absolute_expires_at, sweep_at)
                    SELECT n.id, n.application_id, n.unique_key, n.device, n.device_hash, n.ip, n.scope, n.claims, n.key_id, 0, n.started_at, n.started_at, n.tokens_until,
                        n.idle_expires_at, n.absolute_expires_at, n.idle_expires_at
                    FROM unnest(p_ids, p_application_ids, p_unique_keys, p_devices, p_device_hashes, p_ips, p_scopes, p_claims, p_key_ids, p_started_at, p_tokens_until,
                                p_idle_expires_at, p_absolute_expires_at)
                        AS n (id, application_id, unique_key, device, device_hash, ip, scope, claims, key_id, started_at, tokens_until, idle_expires_at, absolute_expires_at);
                END $$
                """);
            migrationBuilder.Sql(
                """
                CREATE OR REPLACE FUNCTION renew_sessions(
                    p_ids uuid[], p_application_ids uuid[], p_generations integer[], p_refreshed_at timestamptz[], p_tokens_until timestamptz[], p_idle_expires_at timestamptz[],
                    p_key_ids text[], p_grace_until timestamptz[], p_revoked_until timestamptz[])
                RETURNS TABLE (id uuid) LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off
                    SET plan_cache_mode = force_generic_plan AS $$
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
                        SET generation = s.generation + 1, refreshed_at = n.refreshed_at, tokens_until = n.tokens_until, idle_expires_at = n.idle_expires_at, key_id = n.key_id,
                            sweep_at = least(s.sweep_at, n.idle_expires_at)
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
            migrationBuilder.Sql("ALTER FUNCTION end_sessions SET plan_cache_mode = force_generic_plan; ALTER FUNCTION revoke_tokens SET plan_cache_mode = force_generic_plan;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("The functions that start and renew sessions write sweep_at. To go back, start the old version: it works with this schema.");
    }
}
