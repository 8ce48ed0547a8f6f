using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Auth;

/// <summary>A session that ended before its tokens did. This row, not Redis, is what makes the end durable.</summary>
public sealed class Revocation
{
    /// <summary>Cursor for those who read revocations as they come; it has gaps.</summary>
    public long Sequence { get; init; }

    /// <summary>The application of the session. No foreign key: the row may outlive the application, and the hot path saves the look-up.</summary>
    public required Guid ApplicationId { get; init; }

    /// <summary>The <c>sid</c> whose tokens are refused.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>Why, in one word, e.g. <c>revoked</c>, <c>replaced</c>, <c>refresh_reuse_detected</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset RevokedAt { get; init; }

    /// <summary>Until when a token of the session could still be alive; the row may go after that.</summary>
    public required DateTimeOffset Until { get; init; }
}

internal sealed class RevocationConfiguration : IEntityTypeConfiguration<Revocation>
{
    public void Configure(EntityTypeBuilder<Revocation> builder)
    {
        builder.ToTable("revocations");
        builder.HasKey(r => r.Sequence);
        builder.Property(r => r.Sequence).UseIdentityAlwaysColumn();
        builder.Property(r => r.Reason).HasMaxLength(32);
        builder.HasIndex(r => r.SessionId);
        builder.HasIndex(r => r.Until);
    }
}
