using System.Buffers.Text;
using System.Net;
using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Keys;
using AuthPlatform.TokenApi.Tokens;
using AuthPlatform.UnitTests.Requests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.Tokens;

/// <summary>What the Key Manager is asked for tokens that it cannot have signed.</summary>
public sealed class TokenReaderTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly NoKeys _keyManager = new();
    private readonly ServiceProvider _services;
    private readonly TokenReader _reader;

    public TokenReaderTests()
    {
        _services = new ServiceCollection()
            .AddHttpClient(ResourceNames.KeyManager, http => http.BaseAddress = new Uri("http://key-manager")).ConfigurePrimaryHttpMessageHandler(() => _keyManager)
            .Services.BuildServiceProvider();
        var keys = new JwksCache(_services.GetRequiredService<IHttpClientFactory>(), new KeyNews(), _clock, NullLogger<JwksCache>.Instance);
        // For tokens with a session, neither other applications nor the older service's tokens are looked up.
        _reader = new TokenReader(keys, null!, null!, new ProvenTokens(), Options.Create(new TokenOptions { PublicUrl = "https://auth.example.com" }), _clock);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _services.Dispose();
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

    /// <summary>But for its signature, and what more stands in its header, the token is good.</summary>
    private async Task<VerifiedToken?> ReadAsync(string keyId, string more = "")
    {
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        var header = $$"""{"alg":"RS256","kid":"{{keyId}}","typ":"at+jwt"{{more}}}""";
        var claims = $$"""{"iat":{{now}},"nbf":{{now}},"exp":{{now + 300}},"sid":"0199c7d4-0000-7000-8000-00000000000a","gen":0,"typ":"access","client_id":"shop"}""";
        var token = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2lnbmF0dXJl";
        return (await _reader.ReadAsync(Applications.With(), token, TokenNames.Access, evenExpired: false, Cancellation)).Token;
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
