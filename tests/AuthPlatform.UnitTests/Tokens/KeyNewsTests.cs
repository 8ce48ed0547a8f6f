using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Keys;

namespace AuthPlatform.UnitTests.Tokens;

public sealed class KeyNewsTests
{
    private readonly KeyNews _news = new();

    [Fact]
    public void Take_AMessage_IsBelievedAtOnce()
    {
        _news.Take(new KeysChanged("app", 7, "kid"));
        Assert.Equal((7, true, false), (_news.Version, _news.IsRevoked("kid"), _news.IsRevoked("other")));
    }

    /// <summary>A replica of the Key Manager that has not seen the latest change yet takes nothing back.</summary>
    [Fact]
    public void Take_AnOlderAnswer_TakesNothingBack()
    {
        _news.Take(new KeysChanged("app", 7, "kid"));
        _news.Take(new KeysVersion(6, []));
        Assert.Equal((7, true), (_news.Version, _news.IsRevoked("kid")));
    }

    /// <summary>After a backup was restored, waiting for the version from before would never end.</summary>
    [Fact]
    public void Take_OlderAnswersForTenSeconds_BelievesThem()
    {
        _news.Take(new KeysVersion(7, ["kid"]));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(7, _news.Version);
            _news.Take(new KeysVersion(3, []));
        }

        Assert.Equal((3, true), (_news.Version, _news.IsRevoked("kid")));
    }
}
