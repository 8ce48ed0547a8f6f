using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>
    /// A user's sessions are found by the user and the application: many applications number their users alike, and a sign-in to one of them is to read nothing of the others. No sign-in
    /// ends more sessions than the others of its statement can wait for; no application revokes another's session; and cursors are known by the server that gave them.
    /// </summary>
    /// <remarks>
    /// The functions are those of SessionEnds and FeedTimeline. Where SessionEnds was carried out when it was new, revoke_remaining is still that of RevokeRemaining, and those that start
    /// and renew sessions say themselves how long they wait: here that ends.
    /// </remarks>
    public partial class SessionLookups : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // The order is what only the index on all four columns has: on a table that was never analysed, that on the application would look as good without it. Of those that leave,
            // the one in the new one's place has to go at once, then those that it replaces, then the least recently used; whoever is left goes with the next sign-in.
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
                        CROSS JOIN LATERAL (
                            SELECT FROM sessions WHERE unique_key = n.unique_key AND application_id = n.application_id ORDER BY device_hash, ip OFFSET 0) AS s)
                    THEN
                        WITH standing AS (
                            SELECT n.id AS for_id, n.most, s.id, s.refreshed_at, s.device_hash = n.device_hash AND s.ip = n.ip AS in_its_place,
                                n.session_scope = 'user' OR (s.device_hash = n.device_hash AND (n.session_scope = 'user_device' OR s.ip = n.ip)) AS replaced
                            FROM unnest(p_ids, p_application_ids, p_unique_keys, p_device_hashes, p_ips, p_session_scopes, p_most)
                                AS n (id, application_id, unique_key, device_hash, ip, session_scope, most)
                            CROSS JOIN LATERAL (
                                SELECT id, device_hash, ip, refreshed_at FROM sessions
                                WHERE unique_key = n.unique_key AND application_id = n.application_id ORDER BY device_hash, ip OFFSET 0) AS s),
                        ranked AS (SELECT *, row_number() OVER (PARTITION BY for_id, replaced ORDER BY refreshed_at DESC, id DESC) AS place FROM standing),
                        leaving AS (
                            SELECT for_id, id, replaced, row_number() OVER (PARTITION BY for_id ORDER BY in_its_place DESC, replaced DESC, refreshed_at, id) AS turn
                            FROM ranked WHERE replaced OR place >= most),
                        locked AS (
                            SELECT s.place, r.id, r.for_id, CASE WHEN r.replaced THEN 'replaced' ELSE 'evicted' END AS reason
                            FROM (SELECT * FROM leaving WHERE turn <= 1000 ORDER BY id OFFSET 0) AS r
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
            migrationBuilder.Sql("ALTER FUNCTION renew_sessions RESET lock_timeout");
            // Whoever has a key of one application can sign a token that names another's session, and who verifies asks for the session alone.
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
                            FROM (SELECT until, effective_at, revoked_at FROM revocations WHERE revoked_id = t.id AND (generation IS NULL) IS TRUE OFFSET 0) AS v) AS r
                        WHERE NOT EXISTS (SELECT FROM sessions AS s WHERE s.id = t.id AND (s.application_id <> p_application_id) IS TRUE OFFSET 0)),
                    added AS (
                        INSERT INTO revocations (application_id, revoked_id, is_token, reason, revoked_at, effective_at, until)
                        SELECT p_application_id, k.id, k.is_token, p_reason, p_now, p_now, k.until FROM known AS k WHERE NOT k.counts AND k.until > p_now
                        RETURNING revoked_id, revocations.until)
                    SELECT a.revoked_id, a.until FROM added AS a UNION ALL SELECT k.id, k.until FROM known AS k WHERE k.counts AND k.until > p_now
                $$
                """);
            // A dump that is restored elsewhere brings database_origin along: the histories of that server have numbers of its own, though it too begins with 1. Where it has not moved, all
            // cursors stay good. pg_upgrade makes another server of it, too, although that knows the same transactions.
            migrationBuilder.Sql(
                """
                DO $$
                DECLARE
                    v_server bigint;
                BEGIN
                    BEGIN
                        SELECT system_identifier INTO v_server FROM pg_control_system();
                    EXCEPTION WHEN feature_not_supported OR insufficient_privilege OR undefined_function THEN
                        NULL;
                    END;
                    EXECUTE format('CREATE FUNCTION database_origin() RETURNS bigint LANGUAGE sql IMMUTABLE AS %L', format('SELECT %L::bigint', v_server));
                END $$;

                CREATE OR REPLACE FUNCTION database_timeline() RETURNS int LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
                DECLARE
                    v_timeline int := 1;
                    v_server bigint := public.database_origin();
                BEGIN
                    BEGIN
                        v_timeline := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int;
                    EXCEPTION WHEN feature_not_supported OR object_not_in_prerequisite_state OR insufficient_privilege OR undefined_function THEN
                        IF pg_is_in_recovery() THEN
                            RAISE;
                        END IF;
                    END;
                    BEGIN
                        SELECT system_identifier INTO v_server FROM pg_control_system();
                    EXCEPTION WHEN feature_not_supported OR insufficient_privilege OR undefined_function THEN
                        NULL;
                    END;
                    RETURN CASE WHEN v_server <> public.database_origin() THEN greatest(hashint8(v_server + v_timeline) & 2147483647, 2) ELSE v_timeline END;
                END $$;
                """);
            // Nobody has called them since SessionsTogether and RevokeRemaining, and they know nothing of revoked_until.
            migrationBuilder.Sql(
                """
                DROP FUNCTION IF EXISTS start_session(
                    uuid, uuid, text, text, bytea, text, text, text, text, timestamptz, timestamptz, timestamptz, timestamptz, text, bigint, interval);
                DROP FUNCTION IF EXISTS renew_session(uuid, uuid, integer, timestamptz, timestamptz, timestamptz, text, timestamptz, timestamptz);
                DROP FUNCTION IF EXISTS revoke_tokens(uuid, uuid[], timestamptz[], boolean[], text, timestamptz);
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("To go back, start the old version: it works with this schema.");
    }
}
