using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace AuthPlatform.Data.Encryption;

/// <summary>A column that holds envelopes, and the one beside it that names the key they were made with.</summary>
/// <param name="Table">Name of the table; its key is <c>id</c>, a UUID.</param>
/// <param name="Name">Name of the column.</param>
/// <param name="KeyIdName">Name of the column with the id of the encryption key.</param>
public sealed record EncryptedColumn(string Table, string Name, string KeyIdName)
{
    private const string Suffix = "Encrypted";

    /// <summary>
    /// All of a database, found by their names: <c>XEncrypted</c>, with <c>XEncryptionKey</c> or <c>EncryptionKey</c> beside it. A column that somebody adds is
    /// re-encrypted and tested without being listed anywhere.
    /// </summary>
    public static IReadOnlyList<EncryptedColumn> Of(DbContext database) =>
    [
        .. from entity in database.Model.GetEntityTypes()
           from property in entity.GetProperties()
           where property.ClrType == typeof(byte[]) && property.Name.EndsWith(Suffix, StringComparison.Ordinal)
           orderby entity.GetTableName(), property.Name
           select new EncryptedColumn(entity.GetTableName()!, property.GetColumnName(), KeyIdOf(entity, property).GetColumnName()),
    ];

    /// <summary>The place of the value in one row.</summary>
    internal EncryptedField FieldOf(Guid id) => new(Table, id, Name);

    private static IProperty KeyIdOf(IEntityType entity, IProperty property) =>
        entity.FindProperty(property.Name[..^Suffix.Length] + "EncryptionKey")
        ?? entity.FindProperty("EncryptionKey")
        ?? throw new InvalidOperationException($"{entity.Name}.{property.Name} has no property beside it that names its encryption key.");
}
