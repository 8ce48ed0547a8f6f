using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace AuthPlatform.AdminWeb.Security;

/// <summary>
/// Keeps the keys behind cookies and antiforgery tokens in the database, encrypted like everything secret there: replicas share them, restarts end no session.
/// The framework reads and writes them rarely, and synchronously. By hand: it reads them at the start, when nobody may want a page for hours that needs Entity Framework.
/// </summary>
internal sealed class StoredDataProtectionKeys(NpgsqlDataSource dataSource, EnvelopeCipher cipher, TimeProvider clock) : IXmlRepository
{
    private const string Add = "INSERT INTO data_protection_keys (id, name, xml_encrypted, encryption_key, created_at) VALUES ($1, $2, $3, $4, $5)";

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = dataSource.CreateCommand("SELECT id, xml_encrypted FROM data_protection_keys");
        using var reader = command.ExecuteReader();
        var keys = new List<XElement>();
        while (reader.Read())
        {
            keys.Add(Read(reader.GetGuid(0), reader.GetFieldValue<byte[]>(1)));
        }

        return keys;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var xml = Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting));
        using var command = dataSource.CreateCommand(
            Add,
            Sql.Value(id),
            Sql.Value(friendlyName),
            Sql.Value(cipher.Encrypt(DataProtectionKey.XmlField(id), xml)),
            Sql.Value(cipher.CurrentKeyId),
            Sql.Value(now.UtcDateTime));
        command.ExecuteNonQuery();
        CryptographicOperations.ZeroMemory(xml);
    }

    private XElement Read(Guid id, byte[] record)
    {
        var xml = cipher.Decrypt(DataProtectionKey.XmlField(id), record);
        try
        {
            return XElement.Parse(Encoding.UTF8.GetString(xml));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(xml);
        }
    }
}
