using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>
    /// A session that ends is revoked until the last of its tokens has died. That need not be the newest one: with a lifetime that was shortened meanwhile, one of before a refresh
    /// lives longer, and only its own revocation says how long.
    /// </summary>
    /// <remarks>The functions are those of SessionsTogether, SessionSweeps and RevokeRemaining.</remarks>
    [DbContext(typeof(AuthDbContext))]
    [Migration("20261127160000_SessionEnds")]
    public class SessionEnds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // With the rights of the owner: not everybody who may end a session may read revocations. Those who have a role already may call it from now on, and not only when the
            // Migration Worker has come to the roles; nor does the one of the release before, which does not know it, take that away.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION revoked_until(p_id uuid) RETURNS timestamptz LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
                    SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
                BEGIN
                    RETURN (SELECT max(r.until) FROM (SELECT until FROM revocations WHERE revoked_id = p_id OFFSET 0) AS r);
                END $$;

                REVOKE EXECUTE ON FUNCTION revoked_until(uuid) FROM PUBLIC;

                DO $$
                DECLARE
                    v_role text;
                BEGIN
                    FOR v_role IN
                        SELECT DISTINCT a.grantee::regrole::text FROM pg_class AS c CROSS JOIN aclexplode(c.relacl) AS a
                        WHERE c.oid = 'revocations'::regclass AND a.privilege_type = 'INSERT' AND a.grantee NOT IN (0, c.relowner)
                    LOOP
                        EXECUTE format('GRANT EXECUTE ON FUNCTION revoked_until(uuid) TO %s', v_role);
                    END LOOP;
                END $$;
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
                            DELETE FROM sessions AS s WHERE s.ctid = ANY (v_places)
                            RETURNING s.id, s.application_id, greatest(s.tokens_until + p_margin, revoked_until(s.id)) AS until),
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
                CREATE OR REPLACE FUNCTION end_sessions(p_application_id uuid, p_ids uuid[], p_reason text, p_now timestamptz, p_margin interval)
                RETURNS TABLE (id uuid, unique_key text, until timestamptz) LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off
                    SET plan_cache_mode = force_generic_plan AS $$
                #variable_conflict use_column
                DECLARE
                    v_places tid[];
                BEGIN
                    SELECT array_agg(s.place) INTO v_places
                    FROM (SELECT DISTINCT id FROM unnest(p_ids) AS a (id) ORDER BY id) AS n
                    CROSS JOIN LATERAL (SELECT ctid AS place FROM sessions WHERE id = n.id AND (application_id = p_application_id) IS TRUE OFFSET 0 FOR UPDATE) AS s;

                    RETURN QUERY
                    WITH ended AS (
                        DELETE FROM sessions AS s WHERE s.ctid = ANY (v_places)
                        RETURNING s.id, s.unique_key::text, greatest(s.tokens_until + p_margin, revoked_until(s.id)) AS until),
                    revoked AS (
                        INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
                        SELECT p_application_id, id, p_reason, p_now, p_now, until FROM ended WHERE until > p_now)
                    SELECT id, unique_key, until FROM ended;
                END $$
                """);
            // What counts already is a question of the database's clock, as for those who verify.
            migrationBuilder.Sql(
                """
                CREATE OR REPLACE FUNCTION revoke_remaining(
                    p_application_id uuid, p_ids uuid[], p_until timestamptz[], p_are_tokens boolean[], p_reason text, p_now timestamptz)
                RETURNS TABLE (id uuid, until timestamptz) LANGUAGE sql SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
                    WITH known AS MATERIALIZED (
                        SELECT t.id, t.is_token, greatest(t.until, r.until) AS until, r.counts
                        FROM unnest(p_ids, p_until, p_are_tokens) AS t (id, until, is_token)
                        CROSS JOIN LATERAL (
                            SELECT max(v.until) AS until, coalesce(bool_or(v.effective_at <= greatest(clock_timestamp(), v.revoked_at)), false) AS counts
                            FROM (SELECT until, effective_at, revoked_at FROM revocations WHERE revoked_id = t.id AND (generation IS NULL) IS TRUE OFFSET 0) AS v) AS r),
                    added AS (
                        INSERT INTO revocations (application_id, revoked_id, is_token, reason, revoked_at, effective_at, until)
                        SELECT p_application_id, k.id, k.is_token, p_reason, p_now, p_now, k.until FROM known AS k WHERE NOT k.counts AND k.until > p_now
                        RETURNING revoked_id, revocations.until)
                    SELECT a.revoked_id, a.until FROM added AS a UNION ALL SELECT k.id, k.until FROM known AS k WHERE k.counts AND k.until > p_now
                $$
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("To go back, start the old version: it works with this schema.");
    }
}
