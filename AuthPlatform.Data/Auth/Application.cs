using AuthPlatform.Data.Encryption;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Auth;

/// <summary>A registered client of the platform and how its requests and tokens are treated.</summary>
public sealed class Application
{
    /// <summary>Row id, a UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The public name of the application in requests and tokens: 1–64 of <c>[A-Za-z0-9_-]</c>. Never changes.</summary>
    public required string ClientId { get; init; }

    /// <summary>What administrators call it, at most 200 characters.</summary>
    public required string Name { get; set; }

    /// <summary>A disabled application is answered as an unknown one. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The oldest request signature it may use: 2 (default), or 1 for applications of the older service.</summary>
    public short MinimumSignatureVersion { get; set; } = 2;

    /// <summary>Addresses that may call for it (single, CIDR, <c>ip/netmask</c>, ranges with <c>-</c> or <c>~</c>); empty means all.</summary>
    public string[] AllowedIps { get; set; } = [];

    /// <summary>Lifetime of an access token in seconds, 60–3600, default 300.</summary>
    public int AccessLifetimeSeconds { get; set; } = 300;

    /// <summary>Seconds after which a session that is not refreshed ends; at least 60, default 7 days, at most <see cref="RefreshAbsoluteSeconds"/>.</summary>
    public int RefreshIdleSeconds { get; set; } = 7 * 86_400;

    /// <summary>Seconds after which a session ends however often it is refreshed; default 30 days, at most 366 days.</summary>
    public int RefreshAbsoluteSeconds { get; set; } = 30 * 86_400;

    /// <summary><c>opaque</c> (default) or <c>jwt</c>, for clients that read the expiry out of their refresh token.</summary>
    public string RefreshFormat { get; set; } = RefreshFormats.Opaque;

    /// <summary><c>rfc9068</c> (default) or <c>seed</c>, the claims of the older service.</summary>
    public string ClaimsProfile { get; set; } = ClaimsProfiles.Rfc9068;

    /// <summary>The <c>aud</c> of its access tokens, at most 512 characters; null means <see cref="ClientId"/>.</summary>
    public string? Audience { get; set; }

    /// <summary>
    /// Client ids of the applications that may verify and introspect its tokens and read its revocations, at most 20. They stand in <c>aud</c> beside
    /// <see cref="Audience"/>.
    /// </summary>
    public string[] ResourceServers { get; set; } = [];

    /// <summary>Which sign-ins of a user are the same session, one of <see cref="SessionScopes"/>: a new sign-in ends it.</summary>
    public string SessionScope { get; set; } = SessionScopes.UserDeviceIp;

    /// <summary>How many sessions a user may have at once, 1–1000, default 20. A further sign-in ends the one that was not used for longest.</summary>
    public int MaxSessionsPerUser { get; set; } = 20;

    /// <summary>What is kept of the user's address, one of <see cref="IpHandlings"/>.</summary>
    public string IpHandling { get; set; } = IpHandlings.Store;

    /// <summary>What is kept of the user's device, one of <see cref="DeviceHandlings"/>.</summary>
    public string DeviceHandling { get; set; } = DeviceHandlings.Store;

    /// <summary>Envelope around the 32 random bytes that authenticate this application's refresh tokens, opaque or JWT; see <see cref="RefreshKeyField"/>.</summary>
    public required byte[] RefreshKeyEncrypted { get; set; }

    /// <summary>Id of the encryption key that <see cref="RefreshKeyEncrypted"/> was made with, so that a rekey finds what is left.</summary>
    public required string RefreshKeyEncryptionKey { get; set; }

    /// <summary>
    /// Which secret the Migration Worker was configured with last, as a hash that cannot be turned back (PBKDF2); null for other applications. One that administrators have taken out
    /// since is not added again.
    /// </summary>
    public byte[]? BootstrapSecretHash { get; set; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When an administrator last changed it.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>PostgreSQL's <c>xmin</c>: two administrators who edit at once do not overwrite each other.</summary>
    public uint Version { get; private set; }

    /// <summary>Its secrets.</summary>
    public ICollection<ApplicationSecret> Secrets { get; } = [];

    /// <summary>Where <see cref="RefreshKeyEncrypted"/> of this row stands, as its encryption is bound to it.</summary>
    public static EncryptedField RefreshKeyField(Guid id) => new("applications", id, "refresh_key_encrypted");
}

/// <summary>The values of <see cref="Application.RefreshFormat"/>.</summary>
public static class RefreshFormats
{
    /// <summary>256 bits that say nothing to the client.</summary>
    public const string Opaque = "opaque";

    /// <summary>A JWT with <c>typ: rt+jwt</c>.</summary>
    public const string Jwt = "jwt";
}

/// <summary>The values of <see cref="Application.ClaimsProfile"/>.</summary>
public static class ClaimsProfiles
{
    /// <summary>The claims and header type of RFC 9068.</summary>
    public const string Rfc9068 = "rfc9068";

    /// <summary>The shape of the older service: <c>sub</c> is the client id, header <c>typ: JWT</c>.</summary>
    public const string Seed = "seed";
}

/// <summary>The values of <see cref="Application.SessionScope"/>.</summary>
public static class SessionScopes
{
    /// <summary>One session for each device and address of a user.</summary>
    public const string UserDeviceIp = "user_device_ip";

    /// <summary>One session for each device of a user, wherever it is.</summary>
    public const string UserDevice = "user_device";

    /// <summary>One session for each user.</summary>
    public const string User = "user";
}

/// <summary>The values of <see cref="Application.IpHandling"/>.</summary>
public static class IpHandlings
{
    /// <summary>As the application sends it.</summary>
    public const string Store = "store";

    /// <summary>Only the network: the first 24 bits of an IPv4 address, the first 64 of an IPv6 one.</summary>
    public const string Truncate = "truncate";

    /// <summary>Not at all, as if it had not been sent.</summary>
    public const string Ignore = "ignore";
}

/// <summary>The values of <see cref="Application.DeviceHandling"/>.</summary>
public static class DeviceHandlings
{
    /// <summary>As the application sends it.</summary>
    public const string Store = "store";

    /// <summary>Not at all, as if it had not been sent.</summary>
    public const string Ignore = "ignore";
}

internal sealed class ApplicationConfiguration : IEntityTypeConfiguration<Application>
{
    public void Configure(EntityTypeBuilder<Application> builder)
    {
        builder.ToTable("applications", table =>
        {
            table.HasCheckConstraint("ck_applications_client_id", "client_id ~ '^[A-Za-z0-9_-]{1,64}$'");
            table.HasCheckConstraint("ck_applications_minimum_signature_version", "minimum_signature_version BETWEEN 1 AND 2");
            table.HasCheckConstraint("ck_applications_access_lifetime_seconds", "access_lifetime_seconds BETWEEN 60 AND 3600");
            table.HasCheckConstraint("ck_applications_refresh_seconds", "refresh_idle_seconds BETWEEN 60 AND refresh_absolute_seconds AND refresh_absolute_seconds <= 31622400");
            table.HasCheckConstraint("ck_applications_refresh_format", "refresh_format IN ('opaque', 'jwt')");
            table.HasCheckConstraint("ck_applications_claims_profile", "claims_profile IN ('rfc9068', 'seed')");
            table.HasCheckConstraint("ck_applications_resource_servers", "cardinality(resource_servers) <= 20");
            table.HasCheckConstraint("ck_applications_session_scope", "session_scope IN ('user_device_ip', 'user_device', 'user')");
            table.HasCheckConstraint("ck_applications_max_sessions_per_user", "max_sessions_per_user BETWEEN 1 AND 1000");
            table.HasCheckConstraint("ck_applications_ip_handling", "ip_handling IN ('store', 'truncate', 'ignore')");
            table.HasCheckConstraint("ck_applications_device_handling", "device_handling IN ('store', 'ignore')");
        });
        builder.Property(a => a.Id).ValueGeneratedNever();
        builder.Property(a => a.ClientId).HasMaxLength(64);
        builder.HasIndex(a => a.ClientId).IsUnique();
        builder.Property(a => a.Name).HasMaxLength(200);
        builder.Property(a => a.Enabled).HasDefault(true);
        builder.Property(a => a.MinimumSignatureVersion).HasDefault((short)2);
        builder.Property(a => a.AllowedIps).HasDefaultValueSql("'{}'");
        builder.Property(a => a.AccessLifetimeSeconds).HasDefault(300);
        builder.Property(a => a.RefreshIdleSeconds).HasDefault(7 * 86_400);
        builder.Property(a => a.RefreshAbsoluteSeconds).HasDefault(30 * 86_400);
        builder.Property(a => a.RefreshFormat).HasMaxLength(8).HasDefault(RefreshFormats.Opaque);
        builder.Property(a => a.ClaimsProfile).HasMaxLength(8).HasDefault(ClaimsProfiles.Rfc9068);
        builder.Property(a => a.Audience).HasMaxLength(512);
        builder.Property(a => a.ResourceServers).HasDefaultValueSql("'{}'");
        builder.Property(a => a.SessionScope).HasMaxLength(16).HasDefault(SessionScopes.UserDeviceIp);
        builder.Property(a => a.MaxSessionsPerUser).HasDefault(20);
        builder.Property(a => a.IpHandling).HasMaxLength(8).HasDefault(IpHandlings.Store);
        builder.Property(a => a.DeviceHandling).HasMaxLength(8).HasDefault(DeviceHandlings.Store);
        builder.Property(a => a.RefreshKeyEncryptionKey).HasMaxLength(16);
        builder.Property(a => a.Version).IsRowVersion();
    }
}
