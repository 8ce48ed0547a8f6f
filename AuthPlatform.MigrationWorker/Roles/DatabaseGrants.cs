using AuthPlatform.Contracts;

namespace AuthPlatform.MigrationWorker.Roles;

/// <summary>
/// Which service may do what with each table: everything that is not here is refused, to everybody but the owner. A test fails when a table of the model is missing.
/// Functions that run with the caller's rights need no line.
/// </summary>
/// <param name="Services">Who has a role in this database, in the order of the columns below.</param>
/// <param name="Tables">The rights of each.</param>
/// <param name="Functions">Functions that run with the rights of the owner, and who may call them.</param>
internal sealed record DatabaseGrants(string[] Services, (string Table, string[] Rights)[] Tables, (string Function, string Service)[] Functions)
{
    private const string None = "";
    private const string All = "SELECT, INSERT, UPDATE, DELETE";

    // SELECT FOR UPDATE asks for the right to update some column, whichever: where nothing but a lock is wanted, it is one that does little harm.
    public static readonly DatabaseGrants Auth = new(
        [ResourceNames.TokenApi, ResourceNames.AdminWeb],
        [
            ("applications", ["SELECT", All]),
            ("application_secrets", ["SELECT, UPDATE (last_used_at, last_used_from)", All]),
            ("application_owners", [None, All]),
            ("sessions", [All, "SELECT, UPDATE (refreshed_at), DELETE"]),
            ("revocations", ["SELECT, INSERT, UPDATE (until), DELETE", "INSERT"]),
            ("imported_tokens", ["SELECT, UPDATE (expires_at), DELETE", None]),
            ("replay_entries", [All, None]),
            ("leases", ["SELECT, INSERT, UPDATE", "SELECT"]),
            ("traffic_counts", [All, "SELECT"]),
            ("audit_events", ["INSERT", "SELECT, INSERT"]),
            ("administrators", [None, All]),
            ("administrator_passkeys", [None, All]),
            // The Token API deletes what has expired and sees nothing else of it: its place and its end.
            ("administrator_sessions", ["SELECT (ctid, last_seen_at), UPDATE (last_seen_at), DELETE", All]),
            ("administrator_links", ["SELECT (ctid, expires_at), UPDATE (expires_at), DELETE", All]),
            ("sign_in_delays", ["SELECT (ctid, tried_at), UPDATE (tried_at), DELETE", All]),
            ("data_protection_keys", [None, "SELECT, INSERT"]),
        ],
        [("keep_audit_partitions()", ResourceNames.TokenApi), ("revoked_until(uuid)", ResourceNames.TokenApi), ("revoked_until(uuid)", ResourceNames.AdminWeb)]);

    public static readonly DatabaseGrants Keys = new(
        [ResourceNames.KeyManager],
        [
            ("key_applications", [All]),
            ("signing_keys", ["SELECT, INSERT, UPDATE"]),
            ("key_ring_versions", ["SELECT, UPDATE"]),
            ("key_ring_changes", ["SELECT, INSERT, DELETE"]),
        ],
        []);
}
