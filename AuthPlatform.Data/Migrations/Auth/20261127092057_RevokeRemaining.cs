using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthPlatform.Data.Migrations.Auth
{
    /// <summary>
    /// Revokes what is left of tokens whose sessions are not there, and says what counts now and until when: whoever tells Redis must neither shorten what stands there nor tell
    /// of what is nothing.
    /// </summary>
    /// <remarks>revoke_tokens stays for one release: the version before uses it.</remarks>
    [DbContext(typeof(AuthDbContext))]
    [Migration("20261127092057_RevokeRemaining")]
    public class RevokeRemaining : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) =>
            // Each id is looked up by itself, as in SessionsTogether.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION revoke_remaining(
                    p_application_id uuid, p_ids uuid[], p_until timestamptz[], p_are_tokens boolean[], p_reason text, p_now timestamptz)
                RETURNS TABLE (id uuid, until timestamptz) LANGUAGE sql SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
                    WITH known AS MATERIALIZED (
                        SELECT t.id, t.is_token, greatest(t.until, r.until) AS until, r.counts
                        FROM unnest(p_ids, p_until, p_are_tokens) AS t (id, until, is_token)
                        CROSS JOIN LATERAL (
                            SELECT max(v.until) AS until, coalesce(bool_or(v.effective_at <= p_now), false) AS counts
                            FROM (SELECT until, effective_at FROM revocations WHERE revoked_id = t.id AND (generation IS NULL) IS TRUE OFFSET 0) AS v) AS r),
                    added AS (
                        INSERT INTO revocations (application_id, revoked_id, is_token, reason, revoked_at, effective_at, until)
                        SELECT p_application_id, k.id, k.is_token, p_reason, p_now, p_now, k.until FROM known AS k WHERE NOT k.counts AND k.until > p_now
                        RETURNING revoked_id, revocations.until)
                    SELECT a.revoked_id, a.until FROM added AS a UNION ALL SELECT k.id, k.until FROM known AS k WHERE k.counts AND k.until > p_now
                $$
                """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP FUNCTION revoke_remaining;");
    }
}
