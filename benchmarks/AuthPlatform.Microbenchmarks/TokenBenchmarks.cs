using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.KeyManager.Keys;
using AuthPlatform.TokenApi.Keys;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using AuthPlatform.TokenApi.Tokens;
using BenchmarkDotNet.Attributes;

namespace AuthPlatform.Microbenchmarks;

/// <summary>Tokens made and checked, beside the bare RSA operations that nobody can avoid.</summary>
[MemoryDiagnoser]
public class TokenBenchmarks
{
    private const string Issuer = "https://auth.example.com/auth/benchmark";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly byte[] _rsaSignature = new byte[256];
    private Application _application = null!;
    private TokenGrant _grant = null!;
    private byte[] _payload = null!;
    private Signer _signer = null!;
    private byte[] _signed = null!;
    private string _token = null!;
    private string _keyId = null!;
    private JwksCache _keys = null!;
    private TokenReader _reader = null!;
    private TokenVerifier _verifier = null!;

    [GlobalSetup]
    public void Setup()
    {
        var platform = LivePlatform.Get();
        _application = platform.Application();
        var now = SessionTime.Now(TimeProvider.System);
        _grant = new TokenGrant
        {
            Application = _application,
            SessionId = Guid.CreateVersion7(now),
            Generation = 0,
            UniqueKey = "user-1234567890",
            Scope = null,
            Claims = null,
            RefreshedAt = now,
            RefreshExpiresAt = now + _application.RefreshIdleLifetime,
            AccessIssuedAt = now,
            AccessExpiresAt = now + _application.AccessLifetime,
        };
        _payload = AccessClaims().ToArray();
        _signer = new Signer("benchmark", _rsa);
        _signed = new byte[_signer.LengthOf(KeyManagerContract.AccessTokenType, _payload.Length)];
        _token = platform.AccessToken();
        (_keys, _reader, _verifier) = (platform.Part<JwksCache>(), platform.Part<TokenReader>(), platform.Part<TokenVerifier>());
        _keyId = ReadShape()!.KeyId;
        RawSign();
        Sign();
        Check.That(RawVerify());
        Check.That(JwsShape.Read(Encoding.ASCII.GetString(_signed)) is { Claims.HasSession: true });
        Check.That(RefreshToken.Read(_application.RefreshKey, RefreshTokenText()) == (_grant.SessionId, 0));
        Check.That(FindKey().GetAwaiter().GetResult() is not null);
        Check.That(ReadToken().GetAwaiter().GetResult() && VerifyToken().GetAwaiter().GetResult());
    }

    [Benchmark]
    public ReadOnlyMemory<byte> AccessClaims() => TokenPayload.Access(_grant, Issuer);

    [Benchmark]
    public string RefreshTokenText() => RefreshToken.Create(_application.RefreshKey, _grant.SessionId, _grant.Generation);

    /// <summary>The bare signature over the same number of bytes.</summary>
    [Benchmark]
    public int RawSign() => _rsa.SignData(_payload, _rsaSignature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    /// <summary>A whole access token as the Key Manager signs it.</summary>
    [Benchmark]
    public void Sign() => _signer.Sign(KeyManagerContract.AccessTokenType, _payload, _signed);

    [Benchmark]
    public bool RawVerify() => _rsa.VerifyData(_payload, _rsaSignature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    /// <summary>What a token says of itself, before any key is looked up.</summary>
    [Benchmark]
    public object ReadForm() => ReadShape()!;

    [Benchmark]
    public async Task<object?> FindKey() => await _keys.FindAsync(_application.ClientId, _keyId, CancellationToken.None);

    /// <summary>Shape, key, signature, claims: all but the revocations.</summary>
    [Benchmark]
    public async Task<bool> ReadToken() => (await _reader.ReadAsync(_application, _token, TokenNames.Access, evenExpired: true, CancellationToken.None)).Token is not null;

    /// <summary>With the question to Redis whether it is revoked.</summary>
    [Benchmark]
    public async Task<bool> VerifyToken() => (await _verifier.VerifyAsync(_application, _token, CancellationToken.None)).Token is not null;

    private JwsShape? ReadShape() => JwsShape.Read(_token);
}
