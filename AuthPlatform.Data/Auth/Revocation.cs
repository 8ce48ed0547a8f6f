using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Auth;

/// <summary>
/// Tokens that died before their time, written in the statement that ended them. This row, not Redis, is what makes the end durable; from these rows Redis is
/// rebuilt and resource servers learn what they must refuse.
/// </summary>
public sealed class Revocation
{
    /// <summary>
    /// The transaction that wrote the row. Sequences are drawn before the commit, so their order is not the order in which rows appear; whoever reads up to
    /// the oldest running transaction, in the order of (this, <see cref="Sequence"/>), misses none.
    /// </summary>
    public ulong TransactionId { get; init; }

    /// <summary>Tells the rows of one transaction apart; it has gaps.</summary>
    public long Sequence { get; init; }

    /// <summary>The application of the session. No foreign key: the row may outlive the application, and the hot path saves the look-up.</summary>
    public required Guid ApplicationId { get; init; }

    /// <summary>The <c>sid</c> of the session, or the <c>jti</c> of a token that has none.</summary>
    public required Guid RevokedId { get; init; }

    /// <summary>Whether <see cref="RevokedId"/> is a <c>jti</c>.</summary>
    public bool IsToken { get; init; }

    /// <summary>The one generation whose access token dies, because a refresh replaced it; null when the whole session has ended.</summary>
    public int? Generation { get; init; }

    /// <summary>Why, one of <see cref="RevocationReasons"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>When that was decided.</summary>
    public required DateTimeOffset RevokedAt { get; init; }

    /// <summary>From when on the tokens are refused; later than <see cref="RevokedAt"/> by the grace of a refresh.</summary>
    public required DateTimeOffset EffectiveAt { get; init; }

    /// <summary>Until when one of the tokens could still be alive, clocks included; the row may go after that.</summary>
    public required DateTimeOffset Until { get; init; }
}

/// <summary>The values of <see cref="Revocation.Reason"/>.</summary>
public static class RevocationReasons
{
    /// <summary>The application, or an administrator, ended it.</summary>
    public const string Revoked = "revoked";

    /// <summary>The user signed in again in its place, or another session moved there.</summary>
    public const string Replaced = "replaced";

    /// <summary>The user has more sessions than the application allows.</summary>
    public const string Evicted = "evicted";

    /// <summary>An access token was replaced by a refresh.</summary>
    public const string Refreshed = "refreshed";

    /// <summary>A refresh token came again after it had been replaced: one of two holders stole it (RFC 9700 §4.14).</summary>
    public const string RefreshReuse = "refresh_reuse_detected";
}

internal sealed class RevocationConfiguration : IEntityTypeConfiguration<Revocation>
{
    public void Configure(EntityTypeBuilder<Revocation> builder)
    {
        builder.ToTable("revocations");
        builder.HasKey(r => new { r.TransactionId, r.Sequence });
        builder.Property(r => r.TransactionId).HasColumnType("xid8").HasDefaultValueSql("pg_current_xact_id()").ValueGeneratedOnAdd();
        builder.Property(r => r.Sequence).UseIdentityAlwaysColumn();
        builder.Property(r => r.IsToken).HasDefault(false);
        builder.Property(r => r.Reason).HasMaxLength(32);
        builder.HasIndex(r => r.RevokedId);
        builder.HasIndex(r => r.Until);
        // What resource servers read; they have no use for tokens that were merely refreshed.
        builder.HasIndex(r => new { r.ApplicationId, r.TransactionId, r.Sequence }).HasFilter("generation IS NULL");
    }
}
