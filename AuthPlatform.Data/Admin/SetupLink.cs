using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Data.Admin;

/// <summary>What the links of <see cref="AdministratorLink"/> are made of, whoever makes them. The token is in the query, which telemetry leaves out of addresses.</summary>
public static class SetupLink
{
    /// <summary>How long one works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>256 bits that nobody guesses.</summary>
    public static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What the database knows of a token.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>The link with a token.</summary>
    public static string Address(string publicAddress, string token) => $"{publicAddress.TrimEnd('/')}/admin/setup?token={token}";

    /// <summary>Makes a link that replaces those the person had, and gives its token.</summary>
    public static async Task<string> ReplaceAsync(AuthDbContext database, Guid administratorId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await database.AdministratorLinks.Where(l => l.AdministratorId == administratorId).ExecuteDeleteAsync(cancellationToken);
        var token = NewToken();
        database.AdministratorLinks.Add(new AdministratorLink { TokenHash = Hash(token), AdministratorId = administratorId, CreatedAt = now, ExpiresAt = now + Lifetime });
        await database.SaveChangesAsync(cancellationToken);
        return token;
    }
}
