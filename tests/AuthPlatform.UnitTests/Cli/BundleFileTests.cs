using System.Text.Json.Nodes;
using AuthPlatform.Cli.Keys.Transfer;

namespace AuthPlatform.UnitTests.Cli;

public sealed class BundleFileTests
{
    private const string Passphrase = "correct horse battery";
    private const string CannotBeOpened = "The bundle cannot be opened: the passphrase is wrong, or the file was changed.";

    private static readonly KeyBundle Bundle = new(
        "shop", DateTimeOffset.UnixEpoch, [new BundledKey("19700101-key", [1, 2, 3], "a private key"u8.ToArray(), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null, null, null)]);

    private static readonly string File = BundleFile.Write(Bundle, Passphrase);

    [Fact]
    public void Read_WrittenBundle_GivesTheSameKeys()
    {
        Assert.True(BundleFile.LooksLikeOne(File));
        var (bundle, problem) = BundleFile.Read(File, Passphrase);
        Assert.Null(problem);
        Assert.Equal("shop", bundle!.ClientId);
        Assert.Equal("a private key"u8.ToArray(), Assert.Single(bundle.Keys).PrivateKey);
    }

    /// <summary>PBKDF2 and AES-GCM again, as docs/cli.md describes them to whoever writes a reader of their own.</summary>
    [Fact]
    public void File_Written_IsWhatTheDocumentationSays()
    {
        var json = JsonNode.Parse(File)!.AsObject();
        Assert.Equal(["format", "version", "client_id", "derivation", "iterations", "salt", "cipher", "nonce", "ciphertext"], json.Select(member => member.Key));
        Assert.Equal(600_000, (int)json["iterations"]!);
        var header = string.Join('\n', json.Where(member => member.Key != "ciphertext").Select(member => member.Value!.ToString()));
        var key = System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2(
            Passphrase, Convert.FromBase64String((string)json["salt"]!), 600_000, System.Security.Cryptography.HashAlgorithmName.SHA256, 32);
        var sealedBytes = Convert.FromBase64String((string)json["ciphertext"]!);
        var plain = new byte[sealedBytes.Length - 16];
        using var aes = new System.Security.Cryptography.AesGcm(key, 16);
        aes.Decrypt(Convert.FromBase64String((string)json["nonce"]!), sealedBytes[..^16], sealedBytes[^16..], plain, System.Text.Encoding.UTF8.GetBytes(header));
        Assert.Equal("shop", (string)JsonNode.Parse(plain)!["client_id"]!);
    }

    [Fact]
    public void Read_WrongPassphrase_IsRefused() => Assert.Equal(CannotBeOpened, BundleFile.Read(File, "correct horse battery.").Problem);

    [Theory]
    [InlineData("client_id", "other")]
    [InlineData("iterations", 600_001)]
    [InlineData("iterations", 1000)]
    [InlineData("iterations", 2_000_000_000)]
    [InlineData("salt", "AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("nonce", "AAAAAAAAAAAAAAAA")]
    [InlineData("nonce", "AA==")]
    [InlineData("ciphertext", "AA==")]
    [InlineData("ciphertext", null)]
    public void Read_ChangedMember_IsRefused(string member, object? value)
    {
        var json = JsonNode.Parse(File)!;
        json[member] = value switch
        {
            int number => number,
            string text => text,
            _ => null,
        };
        Assert.Equal(CannotBeOpened, BundleFile.Read(json.ToJsonString(), Passphrase).Problem);
    }

    [Fact]
    public void Read_ChangedCiphertext_IsRefused()
    {
        var json = JsonNode.Parse(File)!;
        var bytes = Convert.FromBase64String((string)json["ciphertext"]!);
        bytes[5] ^= 1;
        json["ciphertext"] = Convert.ToBase64String(bytes);
        Assert.Equal(CannotBeOpened, BundleFile.Read(json.ToJsonString(), Passphrase).Problem);
    }

    [Theory]
    [InlineData("", "not a key bundle")]
    [InlineData("{}", "not a key bundle")]
    [InlineData("[1]", "not a key bundle")]
    [InlineData("""{"format":"other","version":1,"client_id":"","derivation":"","iterations":1,"salt":"","cipher":"","nonce":"","ciphertext":""}""", "not a key bundle")]
    [InlineData("""{"format":"authplatform-keys","version":2,"client_id":"","derivation":"Argon2id","iterations":1,"salt":"","cipher":"","nonce":"","ciphertext":""}""", "version 2")]
    public void Read_SomethingElse_IsSaidToBe(string text, string says) => Assert.Contains(says, BundleFile.Read(text, Passphrase).Problem, StringComparison.Ordinal);

    [Fact]
    public void Text_OfBundles_HoldsNoKey() => Assert.DoesNotContain("1, 2", $"{Bundle} {Bundle.Keys[0]}", StringComparison.Ordinal);
}
