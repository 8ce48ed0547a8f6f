using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthPlatform.AdminWeb.Security;

/// <summary>
/// Keeps the keys behind cookies and antiforgery tokens in the database, encrypted like everything secret there: replicas share them, restarts end no session.
/// The framework reads and writes them rarely, and synchronously.
/// </summary>
internal sealed class StoredDataProtectionKeys(IServiceScopeFactory scopes, EnvelopeCipher cipher, TimeProvider clock) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var scope = scopes.CreateScope();
        var rows = scope.ServiceProvider.GetRequiredService<AuthDbContext>().DataProtectionKeys.AsNoTracking().ToList();
        return [.. rows.Select(Read)];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var xml = Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting));
        using var scope = scopes.CreateScope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        database.DataProtectionKeys.Add(new DataProtectionKey
        {
            Id = id,
            Name = friendlyName,
            XmlEncrypted = cipher.Encrypt(DataProtectionKey.XmlField(id), xml),
            EncryptionKey = cipher.CurrentKeyId,
            CreatedAt = now,
        });
        database.SaveChanges();
        CryptographicOperations.ZeroMemory(xml);
    }

    private XElement Read(DataProtectionKey row)
    {
        var xml = cipher.Decrypt(DataProtectionKey.XmlField(row.Id), row.XmlEncrypted);
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

internal sealed class ConfigureStoredKeys(IServiceScopeFactory scopes, EnvelopeCipher cipher, TimeProvider clock) : IConfigureOptions<KeyManagementOptions>
{
    public void Configure(KeyManagementOptions options) => options.XmlRepository = new StoredDataProtectionKeys(scopes, cipher, clock);
}
