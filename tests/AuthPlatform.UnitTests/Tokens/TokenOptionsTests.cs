using AuthPlatform.TokenApi.Tokens;

namespace AuthPlatform.UnitTests.Tokens;

public sealed class TokenOptionsTests
{
    [Fact]
    public void FormerPublicUrls_AsManyAsThereMayBe_AreTaken() =>
        Assert.Empty(Failures("https://auth.example.com", "https://a.example.com", "http://b.example.com:8080/", "https://example.com/id", "", "https://c.example.com"));

    [Fact]
    public void FormerPublicUrls_OneMore_IsTooMany() => Assert.Equal(
        "Tokens:FormerPublicUrls may hold at most 4 addresses, not 5.",
        Assert.Single(Failures("https://auth.example.com", [.. Enumerable.Range(1, 5).Select(i => $"https://{i}.example.com")])));

    [Theory]
    [InlineData("old.example.com")]
    [InlineData("/id")]
    [InlineData("ftp://old.example.com")]
    [InlineData("https://old.example.com?x=1")]
    [InlineData("https://user@old.example.com")]
    public void FormerPublicUrl_ThatIsNone_IsRefused(string url)
    {
        var failure = Assert.Single(Failures("https://auth.example.com", "https://old.example.com", url));
        Assert.StartsWith("Tokens:FormerPublicUrls must hold", failure, StringComparison.Ordinal);
        Assert.Contains($"one is '{url}'", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_ThatAreAllWrong_AreAllTold() => Assert.Equal(3, Failures("auth.example.com", "a.example.com", "b.example.com").Count);

    private static List<string> Failures(string publicUrl, params string[] former)
    {
        var options = new TokenOptions { PublicUrl = publicUrl };
        foreach (var url in former)
        {
            options.FormerPublicUrls.Add(url);
        }

        return [.. new ValidateTokenOptions().Validate(name: null, options).Failures ?? []];
    }
}
