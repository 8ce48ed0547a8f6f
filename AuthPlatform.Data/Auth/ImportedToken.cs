using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Auth;

/// <summary>
/// A token that the older service issued and that goes on living here: it does not say which session it belongs to, so this does. Stays until the token has expired, also
/// when its session has ended: an import that is repeated must not bring it back.
/// </summary>
public sealed class ImportedToken
{
    /// <summary>See <see cref="HashOf"/>; the token itself is nowhere.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>Whose token it is.</summary>
    public required Guid ApplicationId { get; init; }

    /// <summary>The session, in its first generation.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>Whether it is a refresh token; otherwise it is an access token.</summary>
    public required bool IsRefresh { get; init; }

    /// <summary>Its <c>exp</c>.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>SHA-256 of the token as it is presented.</summary>
    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}

internal sealed class ImportedTokenConfiguration : IEntityTypeConfiguration<ImportedToken>
{
    public void Configure(EntityTypeBuilder<ImportedToken> builder)
    {
        builder.ToTable("imported_tokens", table => table.HasCheckConstraint("ck_imported_tokens_token_hash", "octet_length(token_hash) = 32"));
        builder.HasKey(t => t.TokenHash);
        builder.HasIndex(t => t.ExpiresAt);
        builder.HasOne<Application>().WithMany().HasForeignKey(t => t.ApplicationId).OnDelete(DeleteBehavior.Cascade);
    }
}
