using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Auth;

/// <summary>How often something happened in one minute, on all replicas together. Kept for two days: a picture for people, not a record.</summary>
public sealed class TrafficCount
{
    /// <summary>The beginning of the minute.</summary>
    public required DateTimeOffset Minute { get; init; }

    /// <summary>One of <see cref="TrafficKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>For refusals the code of the answer; else empty.</summary>
    public required string Code { get; init; }

    /// <summary>How often.</summary>
    public required long Count { get; init; }
}

/// <summary>The values of <see cref="TrafficCount.Kind"/>.</summary>
public static class TrafficKinds
{
    /// <summary>Tokens for a new session, or for a client itself.</summary>
    public const string Issued = "issued";

    /// <summary>Sessions moved on.</summary>
    public const string Refreshed = "refreshed";

    /// <summary>Access tokens found valid.</summary>
    public const string Verified = "verified";

    /// <summary>Requests refused.</summary>
    public const string Rejected = "rejected";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [Issued, Refreshed, Verified, Rejected];
}

internal sealed class TrafficCountConfiguration : IEntityTypeConfiguration<TrafficCount>
{
    public void Configure(EntityTypeBuilder<TrafficCount> builder)
    {
        builder.ToTable("traffic_counts");
        builder.HasKey(c => new { c.Minute, c.Kind, c.Code });
        builder.Property(c => c.Kind).HasMaxLength(16);
        builder.Property(c => c.Code).HasMaxLength(64);
    }
}
