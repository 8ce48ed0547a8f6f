using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>A passkey whose authenticator and browser say whatever a test wants them to say (WebAuthn level 3, ES256).</summary>
internal sealed class SoftwarePasskey : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private SoftwarePasskey(AdminAccount owner)
    {
        Owner = owner;
    }

    public AdminAccount Owner { get; }

    public byte[] Id { get; } = RandomNumberGenerator.GetBytes(16);

    /// <summary>COSE: an EC2 key for ES256 on P-256 with its two coordinates.</summary>
    private byte[] PublicKey
    {
        get
        {
            var point = _key.ExportParameters(false).Q;
            return [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!];
        }
    }

    /// <summary>One that nobody knows yet.</summary>
    public static SoftwarePasskey New(AdminAccount owner) => new(owner);

    /// <summary>Registers one as if its owner had done it.</summary>
    public static async Task<SoftwarePasskey> CreateAsync(AuthPlatformFixture platform, AdminAccount owner, CancellationToken cancellationToken)
    {
        var passkey = new SoftwarePasskey(owner);
        await using var database = await platform.OpenAuthDatabaseAsync(cancellationToken);
        database.AdministratorPasskeys.Add(new AdministratorPasskey
        {
            CredentialId = passkey.Id,
            AdministratorId = owner.Id,
            Name = "in software",
            PublicKey = passkey.PublicKey,
            SignCount = 0,
            Transports = [],
            IsUserVerified = true,
            IsBackupEligible = false,
            IsBackedUp = false,
            AttestationObject = [],
            ClientDataJson = [],
            CreatedAt = TimeProvider.System.GetUtcNow(),
        });
        await database.SaveChangesAsync(cancellationToken);
        return passkey;
    }

    /// <summary>What the browser sends when it has made one: CBOR without an attestation (WebAuthn level 3, 8.7), and with the key in the authenticator's data (6.5.1).</summary>
    public string Offer(Assertion said, params string[] transports)
    {
        byte[] authenticator = [.. SHA256.HashData(Encoding.UTF8.GetBytes(said.RelyingParty)), (byte)(said.Flags | 0x40), 0, 0, 0, 0, .. new byte[16], 0, (byte)Id.Length, .. Id, .. PublicKey];
        byte[] attestation = [0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xA0, 0x68, .. "authData"u8, 0x58, (byte)authenticator.Length, .. authenticator];
        var id = Base64Url.EncodeToString(Id);
        return JsonSerializer.Serialize(new
        {
            id,
            rawId = id,
            type = "public-key",
            clientExtensionResults = new { },
            response = new
            {
                clientDataJSON = Base64Url.EncodeToString(ClientData(said)),
                attestationObject = Base64Url.EncodeToString(attestation),
                transports,
            },
        });
    }

    /// <summary>What the browser sends back for a challenge.</summary>
    public string Answer(Assertion said, ECDsa? signedBy = null)
    {
        var client = ClientData(said);
        byte[] authenticator = [.. SHA256.HashData(Encoding.UTF8.GetBytes(said.RelyingParty)), said.Flags, 0, 0, 0, 0];
        var signature = (signedBy ?? _key).SignData([.. authenticator, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        var id = Base64Url.EncodeToString(Id);
        return JsonSerializer.Serialize(new
        {
            id,
            rawId = id,
            type = "public-key",
            clientExtensionResults = new { },
            response = new
            {
                clientDataJSON = Base64Url.EncodeToString(client),
                authenticatorData = Base64Url.EncodeToString(authenticator),
                signature = Base64Url.EncodeToString(signature),
                userHandle = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(said.User.ToString())),
            },
        });
    }

    public void Dispose() => _key.Dispose();

    private static byte[] ClientData(Assertion said) =>
        JsonSerializer.SerializeToUtf8Bytes(new { type = said.Type, challenge = said.Challenge, origin = said.Origin, crossOrigin = said.IsCrossOrigin });
}

/// <summary>What browser and authenticator say together.</summary>
/// <param name="Challenge">As the page asked.</param>
/// <param name="Origin">The page that the person was on.</param>
/// <param name="RelyingParty">Whom the passkey was used for.</param>
/// <param name="User">Whom it is of.</param>
internal sealed record Assertion(string Challenge, string Origin, string RelyingParty, Guid User)
{
    public string Type { get; init; } = "webauthn.get";

    public bool IsCrossOrigin { get; init; }

    /// <summary>Present and verified.</summary>
    public byte Flags { get; init; } = 0x05;
}
