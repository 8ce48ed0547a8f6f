using System.Security.Cryptography;
using AuthPlatform.Cli.Keys.Transfer;

namespace AuthPlatform.UnitTests.Cli;

public sealed class PemKeyTests
{
    private const string Passphrase = "correct horse battery";

    private static readonly RSA Rsa = RSA.Create(2048);

    public static TheoryData<string, string> Refused => new()
    {
        { "", "exactly one key" },
        { "hello", "exactly one key" },
        { Rsa.ExportPkcs8PrivateKeyPem() + "\n" + Rsa.ExportPkcs8PrivateKeyPem(), "exactly one key" },
        { Rsa.ExportRSAPrivateKeyPem(), "openssl pkcs8 -topk8" },
        { PemEncoding.WriteString("PRIVATE KEY", [1, 2, 3]), "is damaged" },
        { PemEncoding.WriteString("PRIVATE KEY", Rsa.ExportPkcs8PrivateKey().AsSpan()[..^9]), "is damaged" },
        { EllipticCurveKey(), "it is not an RSA key" },
        { Encrypted("another passphrase"), "The passphrase does not open the file" },
    };

    [Fact]
    public void Read_Pkcs8_GivesThePair()
    {
        var (key, problems) = PemKey.Read(Rsa.ExportPkcs8PrivateKeyPem(), null);
        Assert.Empty(problems);
        Assert.True(key!.HasPrivatePart);
        Assert.Equal(Rsa.ExportParameters(true).Modulus, key.Numbers.Modulus);
    }

    [Fact]
    public void Read_EncryptedPkcs8_OpensWithItsPassphrase()
    {
        var pem = Encrypted(Passphrase);
        Assert.True(PemKey.IsEncrypted(pem));
        Assert.True(PemKey.Read(pem, Passphrase).Key!.HasPrivatePart);
    }

    [Fact]
    public void Read_PublicKey_HasNoPrivatePart() => Assert.False(PemKey.Read(Rsa.ExportSubjectPublicKeyInfoPem(), null).Key!.HasPrivatePart);

    [Theory]
    [MemberData(nameof(Refused))]
    public void Read_AnythingElse_IsRefusedInOneSentence(string text, string says)
    {
        var (key, problems) = PemKey.Read(text, Passphrase);
        Assert.Null(key);
        Assert.Contains(says, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WeakKey_SaysAllThatIsWrong()
    {
        using var weak = RSA.Create();
        weak.ImportParameters(new RSAParameters { Modulus = RSA.Create(1024).ExportParameters(false).Modulus, Exponent = [3] });
        Assert.Equal(2, PemKey.Read(weak.ExportSubjectPublicKeyInfoPem(), null).Problems.Count);
    }

    /// <summary>The reason is the key, not the passphrase.</summary>
    [Fact]
    public void Read_WeakKeyInAnEncryptedFile_SaysWhatIsWrongWithTheKey()
    {
        using var weak = RSA.Create(1024);
        var pem = weak.ExportEncryptedPkcs8PrivateKeyPem(Passphrase, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        Assert.Contains("1024 bits", Assert.Single(PemKey.Read(pem, Passphrase).Problems), StringComparison.Ordinal);
    }

    private static string Encrypted(string passphrase) =>
        Rsa.ExportEncryptedPkcs8PrivateKeyPem(passphrase, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));

    private static string EllipticCurveKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
