using System.Text;
using AuthPlatform.TokenApi.Requests;
using Microsoft.Extensions.Primitives;

namespace AuthPlatform.UnitTests.Requests;

/// <summary>The header of <c>client_secret_basic</c>.</summary>
public sealed class BasicCredentialsTests
{
    [Theory]
    [InlineData("shop:secret", "shop", "secret")]
    [InlineData("shop:a:b", "shop", "a:b")]
    [InlineData("shop:a%3Ab%25%2B+c", "shop", "a:b%+ c")]
    [InlineData("shop:", "shop", "")]
    public void Basic_FormEncoded_IsDecoded(string pair, string clientId, string secret)
    {
        foreach (var scheme in new[] { "Basic ", "basic ", "BASIC  " })
        {
            var credentials = BasicCredentials.Read(scheme + Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)))!;
            Assert.Equal((clientId, secret), (credentials.ClientId, Encoding.UTF8.GetString(credentials.Secret)));
            Assert.DoesNotContain("cret", credentials.ToString().Replace(nameof(BasicCredentials), string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Bearer eyJ")]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic ====")]
    [InlineData("Basic c2hvcA==")]
    [InlineData("Basic c2hvcDphJQ==")]
    [InlineData("Basic c2hvcDphAGI=")]
    [InlineData("Basic c2hvcDphJTAw")]
    [InlineData("Basic c2hvcDr/")]
    [InlineData("Basic c2hvcDpzZWNyZXQ")]
    [InlineData("Basic c2hvcDpzZWNyZXQ=, Basic c2hvcDpzZWNyZXQ=")]
    public void Basic_Malformed_IsRefused(string header) => Assert.Null(BasicCredentials.Read(header));

    [Fact]
    public void Basic_RepeatedOrHuge_IsRefused()
    {
        Assert.Null(BasicCredentials.Read(new StringValues(["Basic c2hvcDpzZWNyZXQ=", "Basic c2hvcDpzZWNyZXQ="])));
        Assert.Null(BasicCredentials.Read("Basic " + Convert.ToBase64String(new byte[30_000])));
        Assert.Null(BasicCredentials.Read(StringValues.Empty));
    }
}
