using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Auth;

/// <summary>One signed-in (user, device, address) of one application.</summary>
public sealed class Session
{
    /// <summary>The <c>sid</c> of its tokens, a UUIDv7. A new sign-in of the same three gives the row a new one.</summary>
    public required Guid Id { get; init; }

    /// <summary>The application the user signed in to.</summary>
    public required Guid ApplicationId { get; init; }

    /// <summary>The application's name for the user, 1–128 characters.</summary>
    public required string UniqueKey { get; init; }

    /// <summary>The user's device as the application describes it, at most 512 characters, or empty.</summary>
    public required string Device { get; init; }

    /// <summary>SHA-256 of the UTF-8 bytes of <see cref="Device"/>: the unique index stays narrow however long the device is.</summary>
    public required byte[] DeviceHash { get; init; }

    /// <summary>The user's address in its canonical form (RFC 5952), or empty.</summary>
    public required string Ip { get; init; }

    /// <summary>How often it was refreshed; a refresh is a compare-and-swap on this.</summary>
    public int Generation { get; init; }

    /// <summary>The scope granted at sign-in (RFC 6749 §3.3), which every access token of the session carries; null when none was asked for.</summary>
    public string? Scope { get; init; }

    /// <summary>The application's own claims as JSON text, which every access token of the session carries.</summary>
    public string? Claims { get; init; }

    /// <summary>The <c>kid</c> that signed its newest access token, so that the reach of a key can be seen before it is revoked.</summary>
    public required string KeyId { get; init; }

    /// <summary>When its newest access token expires; never after the session itself.</summary>
    public required DateTimeOffset TokensUntil { get; init; }

    /// <summary>When the user signed in.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last refreshed, or signed in.</summary>
    public required DateTimeOffset RefreshedAt { get; init; }

    /// <summary>When it ends unless it is refreshed before.</summary>
    public required DateTimeOffset IdleExpiresAt { get; init; }

    /// <summary>When it ends in any case.</summary>
    public required DateTimeOffset AbsoluteExpiresAt { get; init; }

    /// <summary>When the clean-up looks at it next; never after <see cref="IdleExpiresAt"/>. A refresh leaves it as it is, and the clean-up then moves it to the new end.</summary>
    public DateTimeOffset SweepAt { get; init; }
}

internal sealed class SessionConfiguration : IEntityTypeConfiguration<Session>
{
    public void Configure(EntityTypeBuilder<Session> builder)
    {
        builder.ToTable("sessions", table =>
        {
            table.HasCheckConstraint("ck_sessions_unique_key", "unique_key <> ''");
            table.HasCheckConstraint("ck_sessions_device_hash", "octet_length(device_hash) = 32");
            table.HasCheckConstraint("ck_sessions_generation", "generation >= 0");
            table.HasCheckConstraint("ck_sessions_expiry", "tokens_until <= idle_expires_at AND idle_expires_at <= absolute_expires_at");
        });

        // Rows are updated in place all the time. A refresh changes no indexed column, and a fifth of each page is free for new versions of its rows: PostgreSQL then writes to no
        // index and clears the old versions away as it passes (heap-only tuples).
        builder.HasStorageParameter("fillfactor", 80);
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.Property(s => s.UniqueKey).HasMaxLength(SessionLimits.UniqueKey);
        builder.Property(s => s.Device).HasMaxLength(SessionLimits.Device);
        builder.Property(s => s.Ip).HasMaxLength(45);
        builder.Property(s => s.Generation).HasDefault(0);
        builder.Property(s => s.Scope).HasMaxLength(SessionLimits.Scope);
        builder.Property(s => s.Claims).HasMaxLength(SessionLimits.Claims);
        builder.Property(s => s.KeyId).HasMaxLength(64);
        builder.Property(s => s.SweepAt).HasDefaultValueSql("'-infinity'");
        // By the user first: whoever looks for a user's sessions has no other index to choose.
        builder.HasIndex(s => new { s.UniqueKey, s.ApplicationId, s.DeviceHash, s.Ip }).IsUnique();
        builder.HasIndex(s => s.SweepAt);
        // What administrators look for; newest first, since ids are made of the time.
        builder.HasIndex(s => new { s.ApplicationId, s.KeyId, s.Id });
        builder.HasIndex(s => new { s.DeviceHash, s.Id });
        builder.HasIndex(s => new { s.Ip, s.Id });
        builder.HasOne<Application>().WithMany().HasForeignKey(s => s.ApplicationId).OnDelete(DeleteBehavior.Cascade);
    }
}
