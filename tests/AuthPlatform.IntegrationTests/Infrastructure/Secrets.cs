using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>Secrets in the forms in which they could slip out: as bytes, in hexadecimal, in base64 and base64url.</summary>
internal sealed class Secrets
{
    /// <summary>Long enough to be found nowhere by chance.</summary>
    private const int ShortestForm = 16;

    private readonly List<(string Name, byte[] Form)> _forms = [];

    public Secrets Add(string name, string secret)
    {
        _forms.Add((name, Encoding.UTF8.GetBytes(secret)));
        return this;
    }

    public Secrets Add(string name, byte[] secret)
    {
        Assert.InRange(secret.Length, ShortestForm, int.MaxValue);
        _forms.Add((name, secret));
        Add(name, Convert.ToHexString(secret)).Add(name, Convert.ToHexStringLower(secret));
        // Base64 depends on where in a longer text the bytes begin: at one of three places.
        for (var start = 0; start < 3; start++)
        {
            var aligned = secret.AsSpan(start, (secret.Length - start) / 3 * 3);
            Add(name, Convert.ToBase64String(aligned)).Add(name, Base64Url.EncodeToString(aligned));
        }

        return this;
    }

    /// <summary>Everything by which a stored private key could be told.</summary>
    public Secrets Add(SigningKey key, EnvelopeCipher cipher)
    {
        var pkcs8 = cipher.Decrypt(SigningKey.PrivateKeyField(key.Id), key.PrivateKeyEncrypted!);
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(pkcs8, out _);
        var numbers = rsa.ExportParameters(includePrivateParameters: true);
        return Add("d", numbers.D!).Add("p", numbers.P!).Add("q", numbers.Q!).Add("dp", numbers.DP!).Add("dq", numbers.DQ!).Add("qi", numbers.InverseQ!)
            .Add("PEM", "PRIVATE KEY-----");
    }

    /// <summary>None of them is in what anybody else may read.</summary>
    public void AssertAbsentFrom(string place, byte[] content) =>
        Assert.All(_forms, secret => Assert.True(content.AsSpan().IndexOf(secret.Form) < 0, $"{secret.Name} stands in {place}"));

    public void AssertAbsentFrom(string place, string content) => AssertAbsentFrom(place, Encoding.UTF8.GetBytes(content));
}
