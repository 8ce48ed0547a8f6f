using System.Buffers.Text;
using System.Net;
using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Keys;
using AuthPlatform.TokenApi.Tokens;
using AuthPlatform.UnitTests.Requests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.Tokens;

/// <summary>What the Key Manager is asked for tokens that it cannot have signed.</summary>
public sealed class TokenReaderTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly NoKeys _keyManager = new();
    private readonly HttpClient _http;
    private readonly TokenReader _reader;

    public TokenReaderTests()
    {
        _http = new HttpClient(_keyManager) { BaseAddress = new Uri("http://key-manager") };
        var keys = new JwksCache(new KeyManagerClient(_http, NullLogger<KeyManagerClient>.Instance), new KeyNews(), _clock, NullLogger<JwksCache>.Instance);
        // For tokens with a session, neither other applications nor the older service's tokens are looked up.
        _reader = new TokenReader(keys, null!, null!, new ProvenTokens(), Options.Create(new TokenOptions { PublicUrl = "https://auth.example.com" }), _clock);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        _keyManager.Dispose();
    }

    [Theory]
    [InlineData("""
        "jku":"https://evil.example"
        """)]
    [InlineData("""
        "x5u":"https://evil.example"
        """)]
    [InlineData("""
        "jwk":{"kty":"RSA"}
        """)]
    [InlineData("""
        "x5c":["MII"]
        """)]
    [InlineData("""
        "crit":["exp"]
        """)]
    [InlineData("""
        "kid":"another"
        """)]
    public async Task Read_OfATokenThatBringsItsKeyOrSaysWhereItIs_AsksNobody(string member)
    {
        Assert.Null(await ReadAsync("invented", $",{member}"));
        Assert.Equal(0, _keyManager.Asked);
    }

    [Fact]
    public async Task Read_OfThousandsOfTokensWithInventedKeys_AsksOnceASecond()
    {
        for (var second = 1; second <= 3; second++)
        {
            for (var i = 0; i < 1000; i++)
            {
                Assert.Null(await ReadAsync($"invented-{second}-{i}"));
            }

            Assert.Equal(second, _keyManager.Asked);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Clocks may differ by half a minute; refresh tokens are dated by the database's, which may be another quarter ahead.</summary>
    [Theory]
    [InlineData(TokenNames.Access, KeyManagerContract.AccessTokenType, 31, 0)]
    [InlineData(TokenNames.Refresh, KeyManagerContract.RefreshTokenType, 45, 1)]
    [InlineData(TokenNames.Refresh, KeyManagerContract.RefreshTokenType, 46, 0)]
    public async Task Read_OfATokenThatIsNotGoodYet_AsksForItsKeyOnlyIfTheClocksMayDifferSoMuch(string use, string type, int goodInSeconds, int asked)
    {
        Assert.Null(await ReadAsync("invented", use: use, type: type, goodInSeconds: goodInSeconds));
        Assert.Equal(asked, _keyManager.Asked);
    }

    /// <summary>An hour, and four minutes for clocks: what lives longer is not ours, and its revocation would be kept for as long. Refresh tokens live for weeks.</summary>
    [Theory]
    [InlineData(TokenNames.Access, KeyManagerContract.AccessTokenType, 3840, 1)]
    [InlineData(TokenNames.Access, KeyManagerContract.AccessTokenType, 3841, 0)]
    [InlineData(TokenNames.Refresh, KeyManagerContract.RefreshTokenType, 3841, 1)]
    public async Task Read_OfATokenThatLivesLongerThanAny_AsksNobody(string use, string type, int seconds, int asked)
    {
        Assert.Null(await ReadAsync("invented", use: use, type: type, seconds: seconds));
        Assert.Equal(asked, _keyManager.Asked);
    }

    /// <summary>But for its signature, and what more stands in its header, the token is good.</summary>
    private async Task<VerifiedToken?> ReadAsync(
        string keyId, string more = "", string use = TokenNames.Access, string type = KeyManagerContract.AccessTokenType, int goodInSeconds = 0, int seconds = 300)
    {
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        var header = $$"""{"alg":"RS256","kid":"{{keyId}}","typ":"{{type}}"{{more}}}""";
        var claims = $$"""{"iat":{{now}},"nbf":{{now + goodInSeconds}},"exp":{{now + seconds}},"sid":"0199c7d4-0000-7000-8000-00000000000a","gen":0,"typ":"{{use}}","client_id":"shop"}""";
        var token = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2lnbmF0dXJl";
        return (await _reader.ReadAsync(Applications.With(), token, use, evenExpired: false, Cancellation)).Token;
    }

    /// <summary>Answers as for an application that has none.</summary>
    private sealed class NoKeys : HttpMessageHandler
    {
        public int Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound));
        }
    }
}
