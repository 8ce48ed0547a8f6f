using System.Net;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Keys;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;

namespace AuthPlatform.UnitTests.Tokens;

/// <summary>How often the Key Manager is asked, whoever presents what, and what is believed while it is away.</summary>
public sealed class JwksCacheTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly KeyManagerAnswers _keyManager = new();
    private readonly KeyNews _news = new();
    private readonly HttpClient _http;
    private readonly JwksCache _cache;

    public JwksCacheTests()
    {
        _http = new HttpClient(_keyManager) { BaseAddress = new Uri("http://key-manager") };
        _cache = new JwksCache(new KeyManagerClient(_http, NullLogger<KeyManagerClient>.Instance), _news, _clock, NullLogger<JwksCache>.Instance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Find_OfThousandsOfInventedKids_AsksOnceASecond()
    {
        for (var second = 1; second <= 3; second++)
        {
            var found = await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Task.Run(() => _cache.FindAsync("app", $"invented-{second}-{i}", Cancellation).AsTask(), Cancellation)));
            Assert.All(found, Assert.Null);
            Assert.Equal(second, _keyManager.Asked);
            Assert.NotNull(await _cache.FindAsync("app", "known", Cancellation));
            Assert.Equal(second, _keyManager.Asked);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task Find_OfOneKeyByManyAtOnce_AsksOnce()
    {
        _keyManager.Gate = new TaskCompletionSource();
        var asking = Enumerable.Range(0, 200).Select(_ => _cache.FindAsync("app", "known", Cancellation).AsTask()).ToList();
        _keyManager.Gate.SetResult();

        Assert.All(await Task.WhenAll(asking), Assert.NotNull);
        Assert.Equal(1, _keyManager.Asked);
    }

    [Fact]
    public async Task Find_WhileTheKeyManagerIsAway_GivesTheKnownKeysWithoutTheOneThatWasEndedAtOnce()
    {
        _keyManager.Published = ["known", "ended"];
        Assert.NotNull(await _cache.FindAsync("app", "ended", Cancellation));

        _keyManager.IsAway = true;
        _news.Take(new KeysVersion(1, ["ended"]));

        Assert.NotNull(await _cache.FindAsync("app", "known", Cancellation));
        Assert.Null(await _cache.FindAsync("app", "ended", Cancellation));
        // In vain twice: another replica might have answered.
        Assert.Equal(3, _keyManager.Asked);
    }

    [Fact]
    public async Task Find_AfterNewsOfANewerVersion_DoesNotTakeWhatAnOlderReadBrings()
    {
        _keyManager.Gate = new TaskCompletionSource();
        var older = _cache.FindAsync("app", "known", Cancellation).AsTask();
        Assert.Equal(1, _keyManager.Asked);

        _keyManager.Published = ["new"];
        _news.Take(new KeysChanged("app", 1, null));
        var newer = _cache.FindAsync("app", "new", Cancellation).AsTask();
        _keyManager.Gate.SetResult();

        Assert.NotNull(await older);
        Assert.NotNull(await newer);
    }

    public void Dispose()
    {
        _http.Dispose();
        _keyManager.Dispose();
    }

    private sealed class KeyManagerAnswers : HttpMessageHandler
    {
        private readonly string _key = Key();
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public string[] Published { get; set; } = ["known"];

        public bool IsAway { get; set; }

        public TaskCompletionSource? Gate { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            if (IsAway)
            {
                throw new HttpRequestException("It does not answer");
            }

            // As they are when it is asked, however long the answer takes.
            var keys = string.Join(',', Published.Select(kid => $$"""{"kty":"RSA","use":"sig","alg":"RS256","kid":"{{kid}}",{{_key}}}"""));
            await (Gate?.Task ?? Task.CompletedTask);
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent($$"""{"keys":[{{keys}}]}""", Encoding.UTF8, "application/jwk-set+json") };
        }

        /// <summary>The members that make it the key that it is.</summary>
        private static string Key()
        {
            using var rsa = RSA.Create(2048);
            var key = rsa.ExportParameters(includePrivateParameters: false);
            return $$"""
                "n":"{{Base64UrlEncoder.Encode(key.Modulus)}}","e":"{{Base64UrlEncoder.Encode(key.Exponent)}}"
                """;
        }
    }
}
