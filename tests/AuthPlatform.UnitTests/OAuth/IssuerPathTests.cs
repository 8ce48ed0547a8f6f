using AuthPlatform.TokenApi.OAuth;
using AuthPlatform.TokenApi.Tokens;

namespace AuthPlatform.UnitTests.OAuth;

/// <summary>Which application an address of RFC 8414 means.</summary>
public sealed class IssuerPathTests
{
    [Theory]
    [InlineData("https://auth.example.com", "auth/shop", "shop")]
    [InlineData("https://auth.example.com/", "auth/shop", "shop")]
    [InlineData("https://example.com/id", "id/auth/shop", "shop")]
    [InlineData("https://example.com/id/eu/", "id/eu/auth/shop", "shop")]
    [InlineData("https://example.com/a%20b", "a b/auth/shop", "shop")]
    [InlineData("https://example.com/id", "auth/shop", null)]
    [InlineData("https://example.com/id", "ID/auth/shop", null)]
    [InlineData("https://example.com", "id/auth/shop", null)]
    [InlineData("https://example.com", "auth/shop/", null)]
    [InlineData("https://example.com", "auth/", null)]
    [InlineData("https://example.com", "auth", null)]
    [InlineData("https://example.com", "", null)]
    [InlineData("https://example.com", "auth/../auth/shop", null)]
    public void IssuerPath_BehindTheWellKnownName_NamesOneApplication(string publicUrl, string path, string? clientId) =>
        Assert.Equal(clientId, IssuerPath.ClientId(new TokenOptions { PublicUrl = publicUrl }, path));
}
