using System.Net;
using AuthPlatform.TokenApi.Audit;

namespace AuthPlatform.UnitTests.Audit;

public sealed class RejectionTallyTests
{
    private static readonly Guid Shop = Guid.Parse("019a0000-0000-7000-8000-000000000001");

    private readonly RejectionTally _tally = new();

    [Fact]
    public void Add_TheSameRefusalManyTimes_IsOneCount()
    {
        for (var i = 0; i < 500; i++)
        {
            _tally.Add(Of(Shop, address: 1));
        }

        _tally.Add(Of(Shop, address: 2));
        _tally.Add(Of(Shop, address: 1) with { Code = "other" });

        Assert.Equal([1, 1, 500], _tally.Take().Values.Order());
        Assert.Empty(_tally.Take());
    }

    [Fact]
    public void Add_FromTooManyAddresses_LosesTheAddressAndKeepsTheApplication()
    {
        for (var i = 0; i < 5000; i++)
        {
            _tally.Add(Of(Shop, i));
        }

        _tally.Add(Of(Shop, address: 7));

        var taken = _tally.Take();
        Assert.Equal(RejectionTally.MaxDistinct + 1, taken.Count);
        Assert.Equal(5001 - RejectionTally.MaxDistinct - 1, taken[Of(Shop, 0) with { Address = null }]);
        Assert.Equal(2, taken[Of(Shop, 7)]);
    }

    [Fact]
    public void Add_OfTooManyApplications_LosesTheApplicationToo()
    {
        for (var i = 0; i < 5000; i++)
        {
            _tally.Add(Of(Guid.CreateVersion7(), i));
        }

        var taken = _tally.Take();
        Assert.Equal((2 * RejectionTally.MaxDistinct) + 1, taken.Count);
        Assert.Equal(5000, taken.Values.Sum());
        Assert.Equal(5000 - (2 * RejectionTally.MaxDistinct), taken[new Rejection(null, null, "token", "invalid_signature", null)]);
    }

    private static Rejection Of(Guid application, int address) => new(application, "shop", "token", "invalid_signature", new IPAddress(address));
}
