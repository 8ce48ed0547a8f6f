using System.Buffers.Binary;
using System.Text;

namespace AuthPlatform.Data.Encryption;

/// <summary>
/// The place of an encrypted value: table, row, column. The encryption is bound to it, so a value copied to another row or column does not decrypt there.
/// </summary>
/// <param name="Table">Name of the table.</param>
/// <param name="Id">Id of the row.</param>
/// <param name="Column">Name of the column.</param>
public readonly record struct EncryptedField(string Table, Guid Id, string Column)
{
    /// <summary>The associated data of the envelope. Each part is preceded by its length, so that no two places give the same bytes.</summary>
    internal byte[] AssociatedData(byte layer, ReadOnlySpan<byte> header)
    {
        var data = new List<byte>(96) { layer };
        Append(data, header);
        Append(data, Encoding.UTF8.GetBytes(Table));
        Append(data, Id.ToByteArray(bigEndian: true));
        Append(data, Encoding.UTF8.GetBytes(Column));
        return [.. data];
    }

    private static void Append(List<byte> data, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        data.AddRange(length);
        data.AddRange(part);
    }
}
