using System.Security.Cryptography;
using System.Text;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>Codes for the day on which the authenticator app is lost: ten, each good once, 80 random bits, stored as hashes.</summary>
internal static class RecoveryCodes
{
    public const int Count = 10;
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    public static string[] Make() =>
        [.. Enumerable.Range(0, Count).Select(_ => string.Join('-', RandomNumberGenerator.GetString(Alphabet, 16).Chunk(4).Select(part => new string(part))))];

    /// <summary>Spaces, dashes and capitals do not matter.</summary>
    public static string Hash(string? code) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat((code ?? "").Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant())));
}
