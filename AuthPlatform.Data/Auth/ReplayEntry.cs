using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Auth;

/// <summary>A signed request seen while Redis was away: its insert succeeds once, so of many identical requests one wins.</summary>
public sealed class ReplayEntry
{
    /// <summary>SHA-256 of what makes the request unique.</summary>
    public required byte[] Key { get; init; }

    /// <summary>Where it was first seen, by the endpoint's short name, e.g. <c>verify</c>: repeating is allowed on some endpoints, moving to another never.</summary>
    public required string Endpoint { get; init; }

    /// <summary>When it may be forgotten, because the request's timestamp is too old by then.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class ReplayEntryConfiguration : IEntityTypeConfiguration<ReplayEntry>
{
    public void Configure(EntityTypeBuilder<ReplayEntry> builder)
    {
        // Not an unlogged table: after a crash it would be empty, and every request of the last minutes could be sent again.
        builder.ToTable("replay_entries", table => table.HasCheckConstraint("ck_replay_entries_key", "octet_length(key) = 32"));
        builder.HasKey(r => r.Key);
        builder.Property(r => r.Endpoint).HasMaxLength(32);
        builder.HasIndex(r => r.ExpiresAt);
    }
}
