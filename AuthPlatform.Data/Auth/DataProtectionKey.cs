using AuthPlatform.Data.Encryption;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Auth;

/// <summary>A key of ASP.NET Core Data Protection, which the cookies and forms of the administrators' pages are protected with.</summary>
public sealed class DataProtectionKey
{
    /// <summary>Row id, a UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>What the framework calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Envelope around the XML that the framework made; see <see cref="XmlField"/>.</summary>
    public required byte[] XmlEncrypted { get; set; }

    /// <summary>Id of the encryption key that <see cref="XmlEncrypted"/> was made with.</summary>
    public required string EncryptionKey { get; set; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Where <see cref="XmlEncrypted"/> of this row stands, as its encryption is bound to it.</summary>
    public static EncryptedField XmlField(Guid id) => new("data_protection_keys", id, "xml_encrypted");
}

internal sealed class DataProtectionKeyConfiguration : IEntityTypeConfiguration<DataProtectionKey>
{
    public void Configure(EntityTypeBuilder<DataProtectionKey> builder)
    {
        builder.ToTable("data_protection_keys");
        builder.Property(k => k.Id).ValueGeneratedNever();
        builder.Property(k => k.Name).HasMaxLength(200);
        builder.Property(k => k.EncryptionKey).HasMaxLength(16);
    }
}
