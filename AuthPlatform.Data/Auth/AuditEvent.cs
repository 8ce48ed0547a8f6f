using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Auth;

/// <summary>
/// Something that happened, for whoever asks later. Rows are added and never changed, and go with the whole partition of their month. They hold no token and no
/// secret, and no foreign keys: what they speak of may be gone.
/// </summary>
public sealed class AuditEvent
{
    /// <summary>When; the database keeps a partition for each month of it (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>A UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The application that it is about; null for requests of nobody known.</summary>
    public Guid? ApplicationId { get; init; }

    /// <summary>Its client id, readable when the application is gone.</summary>
    public string? ClientId { get; init; }

    /// <summary>What, one of <see cref="AuditKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Why, where the kind does not say it: for a refusal the code of the answer.</summary>
    public string? Code { get; init; }

    /// <summary>The session that it is about.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>The session's user.</summary>
    public string? UniqueKey { get; init; }

    /// <summary>The address of the caller, an application or an administrator; never that of the end user.</summary>
    public string? Address { get; init; }

    /// <summary>The person or command that did it; null when it was the application itself.</summary>
    public string? Actor { get; init; }

    /// <summary>How many times: refusals of one kind within a few seconds are one row. Default 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>A JSON object with what else there is to say, such as the settings before and after a change.</summary>
    public string? Details { get; init; }
}

internal sealed class AuditEventConfiguration : IEntityTypeConfiguration<AuditEvent>
{
    public void Configure(EntityTypeBuilder<AuditEvent> builder)
    {
        // Migrations make it by hand: EF Core knows neither partitions nor triggers.
        builder.ToTable("audit_events", table => table.ExcludeFromMigrations());
        builder.HasKey(e => new { e.OccurredAt, e.Id });
        builder.Property(e => e.Id).ValueGeneratedNever();
        builder.Property(e => e.ClientId).HasMaxLength(64);
        builder.Property(e => e.Kind).HasMaxLength(32);
        builder.Property(e => e.Code).HasMaxLength(64);
        builder.Property(e => e.UniqueKey).HasMaxLength(SessionLimits.UniqueKey);
        builder.Property(e => e.Address).HasMaxLength(64);
        builder.Property(e => e.Actor).HasMaxLength(200);
        builder.Property(e => e.Count).HasDefault(1);
        builder.Property(e => e.Details).HasColumnType("jsonb");
        builder.HasIndex(e => new { e.ApplicationId, e.OccurredAt, e.Id });
        builder.HasIndex(e => new { e.Address, e.OccurredAt, e.Id });
        builder.HasIndex(e => new { e.Address, e.Kind, e.OccurredAt, e.Id });
        builder.HasIndex(e => new { e.SessionId, e.OccurredAt, e.Id }).HasFilter("session_id IS NOT NULL");
        builder.HasIndex(e => new { e.UniqueKey, e.OccurredAt, e.Id }).HasFilter("unique_key IS NOT NULL");
        // Owners look at a few applications: what is frequent elsewhere may be rare there.
        builder.HasIndex(e => new { e.ApplicationId, e.Address, e.OccurredAt, e.Id });
        builder.HasIndex(e => new { e.ApplicationId, e.Kind, e.OccurredAt, e.Id });
        // What nearly all events are is found without an index; whoever looks for the few others finds them by these.
        builder.HasIndex(e => new { e.Kind, e.OccurredAt, e.Id }).HasFilter("kind NOT IN ('issued', 'refreshed')");
        builder.HasIndex(e => new { e.Actor, e.OccurredAt, e.Id }).HasFilter("actor IS NOT NULL");
    }
}
