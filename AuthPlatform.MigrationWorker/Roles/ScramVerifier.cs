using System.Security.Cryptography;
using System.Text;

namespace AuthPlatform.MigrationWorker.Roles;

/// <summary>What PostgreSQL keeps of a password (RFC 5803), made here: the server, its log and its statistics never see the password itself.</summary>
internal static class ScramVerifier
{
    /// <summary>PostgreSQL's own number. Passwords are long and random, so that more would only make signing in slower.</summary>
    private const int Iterations = 4096;

    public static string Of(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
