using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Data.Keys;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>
/// A key pair of the test's own that the platform publishes as a retiring key of an application. What it signs has a good signature, whatever its header and
/// claims are: only the check under test can refuse it.
/// </summary>
internal sealed class PublishedKey : IDisposable
{
    private readonly RSA _pair = RSA.Create(2048);

    private PublishedKey(string kid) => Kid = kid;

    public string Kid { get; }

    public RSAParameters Public => _pair.ExportParameters(includePrivateParameters: false);

    public RSA Pair => _pair;

    public static async Task<PublishedKey> AddAsync(AuthPlatformFixture platform, TestApplication application, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var key = new PublishedKey($"{now:yyyyMMdd}-{id}");
        await using (var database = await platform.OpenKeysDatabaseAsync(cancellationToken))
        {
            database.SigningKeys.Add(new SigningKey
            {
                Id = id,
                Kid = key.Kid,
                ClientId = application.ClientId,
                KeySize = key._pair.KeySize,
                PublicKey = key._pair.ExportSubjectPublicKeyInfo(),
                CreatedAt = now.AddDays(-2),
                AnnouncedAt = now.AddDays(-2),
                ActivatedAt = now.AddDays(-1),
                SupersededAt = now,
                ExpiresAt = now.AddHours(1),
            });
            await database.SaveChangesAsync(cancellationToken);
        }

        await using var clock = new KeyClock(platform, application.ClientId);
        await clock.AdvanceAsync(TimeSpan.Zero, cancellationToken);
        return key;
    }

    /// <summary>The header that the platform would write.</summary>
    public string Header(string type) => $$"""{"alg":"RS256","kid":"{{Kid}}","typ":"{{type}}"}""";

    public string Sign(string header, string payload) => Sign(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(payload));

    public string Sign(byte[] header, byte[] payload) => Sign($"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}");

    /// <summary>Signs what is already encoded.</summary>
    public string Sign(string input) => $"{input}.{Base64Url.EncodeToString(_pair.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";

    /// <summary>The bare RSA operation, for paddings that no library makes.</summary>
    public byte[] SignRaw(byte[] block)
    {
        var key = _pair.ExportParameters(includePrivateParameters: true);
        var signature = BigInteger.ModPow(Number(block), Number(key.D!), Number(key.Modulus!)).ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[block.Length - signature.Length], .. signature];
    }

    public static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    public void Dispose() => _pair.Dispose();
}
