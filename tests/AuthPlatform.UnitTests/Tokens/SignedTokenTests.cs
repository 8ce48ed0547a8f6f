using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Keys;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Tokens;
using AuthPlatform.UnitTests.Requests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.Tokens;

/// <summary>Tokens under a signature that is good: what more they must say.</summary>
public sealed class SignedTokenTests : IDisposable
{
    private const string Issuer = "https://auth.example.com/auth/shop";

    private static readonly Guid Session = Guid.Parse("0199c7d4-0000-7000-8000-000000000001");

    private readonly FakeTimeProvider _clock = new();
    private readonly PublishedPair _pair = new();
    private readonly Application _application = Applications.With() with { RefreshKey = [.. Enumerable.Range(0, 32).Select(i => (byte)i)] };
    private readonly HttpClient _http;
    private readonly TokenReader _reader;

    public SignedTokenTests()
    {
        _http = new HttpClient(_pair) { BaseAddress = new Uri("http://key-manager") };
        var keys = new JwksCache(new KeyManagerClient(_http, NullLogger<KeyManagerClient>.Instance), new KeyNews(), _clock, NullLogger<JwksCache>.Instance);
        var options = new TokenOptions { PublicUrl = "https://auth.example.com", FormerPublicUrls = { "", "https://old.example.com/", "https://example.com/id" } };
        // For tokens with a session, neither other applications nor the older service's tokens are looked up.
        _reader = new TokenReader(keys, null!, null!, new ProvenTokens(), Options.Create(options), _clock);
    }

    private TokenGrant Grant => new()
    {
        Application = _application,
        SessionId = Session,
        Generation = 3,
        UniqueKey = "user",
        Scope = null,
        Claims = null,
        RefreshedAt = _clock.GetUtcNow(),
        RefreshExpiresAt = _clock.GetUtcNow().AddDays(1),
        AccessIssuedAt = _clock.GetUtcNow(),
        AccessExpiresAt = _clock.GetUtcNow().AddMinutes(5),
    };

    public void Dispose()
    {
        _http.Dispose();
        _pair.Dispose();
    }

    [Theory]
    [InlineData("https://auth.example.com/auth/shop", true)]
    [InlineData("https://old.example.com/auth/shop", true)]
    [InlineData("https://example.com/id/auth/shop", true)]
    [InlineData("https://old.example.com//auth/shop", false)]
    [InlineData("https://OLD.example.com/auth/shop", false)]
    [InlineData("http://old.example.com/auth/shop", false)]
    [InlineData("https://old.example.com/auth/other", false)]
    [InlineData("https://example.com/auth/shop", false)]
    [InlineData("https://other.example.com/auth/shop", false)]
    [InlineData("/auth/shop", false)]
    [InlineData("", false)]
    public async Task Token_OfAnIssuer_IsTakenIfThatIsOneOfThePlatformsAddresses(string issuer, bool isTaken)
    {
        var (access, refresh) = (Text(TokenPayload.Access(Grant, issuer)), Text(TokenPayload.Refresh(Grant, issuer)));
        Assert.Equal(isTaken, await IsTakenAsync(TokenNames.Access, access));
        Assert.Equal(isTaken, await IsTakenAsync(TokenNames.Refresh, refresh));
    }

    /// <summary>The platform writes no such token, whichever of its addresses it has.</summary>
    [Fact]
    public async Task RefreshToken_OfOneAddressForAnother_IsNone()
    {
        var payload = Text(TokenPayload.Refresh(Grant, "https://old.example.com/auth/shop"));
        Assert.False(await IsTakenAsync(TokenNames.Refresh, Replaced(payload, "\"aud\":\"https://old.example.com/auth/shop\"", $"\"aud\":\"{Issuer}\"")));
        Assert.False(await IsTakenAsync(TokenNames.Refresh, Replaced(payload, "\"iss\":\"https://old.example.com/auth/shop\"", $"\"iss\":\"{Issuer}\"")));
    }

    [Fact]
    public async Task RefreshToken_WithAnotherIdThanItsOwn_IsNone()
    {
        var payload = Text(TokenPayload.Refresh(Grant, Issuer));
        var id = RefreshToken.TokenId(_application.RefreshKey, Session, Grant.Generation);
        Assert.True(await IsTakenAsync(TokenNames.Refresh, payload));

        string[] others =
        [
            $"\"jti\":\"{RefreshToken.TokenId(_application.RefreshKey, Session, Grant.Generation - 1)}\"",
            $"\"jti\":\"{RefreshToken.TokenId(_application.RefreshKey, Guid.Parse("0199c7d4-0000-7000-8000-000000000002"), Grant.Generation)}\"",
            $"\"jti\":\"{RefreshToken.TokenId(new byte[32], Session, Grant.Generation)}\"",
            $"\"jti\":\"{id}A\"", $"\"jti\":\"{id[..^1]}\"", $"\"jti\":[\"{id}\"]", "\"jti\":\"\"", "\"jti\":null", "\"jti\":1", "\"id\":1",
        ];
        foreach (var other in others)
        {
            Assert.False(await IsTakenAsync(TokenNames.Refresh, Replaced(payload, $"\"jti\":\"{id}\"", other)), other);
        }
    }

    /// <summary>Those who found its signature good before do not keep it alive.</summary>
    [Fact]
    public async Task RefreshToken_OfAnApplicationThatHasAnotherRefreshKeyNow_IsNone()
    {
        var token = PublishedPair.Sign(TokenNames.Refresh, Text(TokenPayload.Refresh(Grant, Issuer)));
        Assert.True(await IsTakenAsync(_application, TokenNames.Refresh, token));
        Assert.False(await IsTakenAsync(_application with { RefreshKey = new byte[32] }, TokenNames.Refresh, token));
    }

    /// <summary>So far may the clocks differ of whoever wrote it and whoever reads it.</summary>
    [Theory]
    [InlineData(29, true)]
    [InlineData(30, false)]
    public async Task AccessToken_AfterItsEnd_IsTakenForLessThanThirtySeconds(int seconds, bool isTaken)
    {
        var payload = Text(TokenPayload.Access(Grant, Issuer));
        _clock.Advance(TimeSpan.FromSeconds(300 + seconds));

        Assert.Equal(isTaken, await IsTakenAsync(TokenNames.Access, payload));
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(31, false)]
    public async Task AccessToken_BeforeItsBeginning_IsTakenForThirtySeconds(int seconds, bool isTaken) =>
        Assert.Equal(isTaken, await IsTakenAsync(TokenNames.Access, Text(TokenPayload.Access(Grant with { AccessIssuedAt = _clock.GetUtcNow().AddSeconds(seconds) }, Issuer))));

    /// <summary>Twice, for what was found out is remembered.</summary>
    private async Task<bool> IsTakenAsync(string use, string payload)
    {
        var token = PublishedPair.Sign(use, payload);
        var isTaken = await IsTakenAsync(_application, use, token);
        Assert.Equal(isTaken, await IsTakenAsync(_application, use, token));
        return isTaken;
    }

    private async Task<bool> IsTakenAsync(Application application, string use, string token) =>
        (await _reader.ReadAsync(application, token, use, evenExpired: false, TestContext.Current.CancellationToken)).Token is not null;

    private static string Text(ReadOnlyMemory<byte> payload) => Encoding.UTF8.GetString(payload.Span);

    private static string Replaced(string payload, string text, string other)
    {
        Assert.Contains(text, payload, StringComparison.Ordinal);
        return payload.Replace(text, other, StringComparison.Ordinal);
    }

    /// <summary>A key pair, and the Key Manager that publishes it.</summary>
    private sealed class PublishedPair : HttpMessageHandler
    {
        // Making a pair takes long: it is the same for all tests.
        private static readonly RSA Pair = RSA.Create(2048);

        public static string Sign(string use, string payload)
        {
            var header = $$"""{"alg":"RS256","kid":"known","typ":"{{(use == TokenNames.Access ? KeyManagerContract.AccessTokenType : KeyManagerContract.RefreshTokenType)}}"}""";
            var input = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
            return $"{input}.{Base64Url.EncodeToString(Pair.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var key = Pair.ExportParameters(includePrivateParameters: false);
            var (n, e) = (Base64Url.EncodeToString(key.Modulus), Base64Url.EncodeToString(key.Exponent));
            var published = $$"""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"known","n":"{{n}}","e":"{{e}}"}]}""";
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(published, Encoding.UTF8, "application/jwk-set+json") });
        }
    }
}
