using System.Net;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.UnitTests.Audit;

public sealed class FloodTallyTests
{
    private static readonly Guid Shop = Guid.Parse("019a0000-0000-7000-8000-000000000001");

    private readonly FloodTally<Refusal> _tally = new(r => r with { Address = null }, r => new(null, r.Code, null));

    [Fact]
    public void Add_TheSameRefusalManyTimes_IsOneCount()
    {
        for (var i = 0; i < 500; i++)
        {
            _tally.Add(Of(Shop, address: 1));
        }

        _tally.Add(Of(Shop, address: 2), 3);
        _tally.Add(Of(Shop, address: 1) with { Code = "other" });

        Assert.Equal([1, 3, 500], _tally.Take().Values.Order());
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
        Assert.Equal(FloodTally<Refusal>.MaxDistinct + 1, taken.Count);
        Assert.Equal(5001 - FloodTally<Refusal>.MaxDistinct - 1, taken[Of(Shop, 0) with { Address = null }]);
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
        Assert.Equal((2 * FloodTally<Refusal>.MaxDistinct) + 1, taken.Count);
        Assert.Equal(5000, taken.Values.Sum());
        Assert.Equal(5000 - (2 * FloodTally<Refusal>.MaxDistinct), taken[new Refusal(null, "invalid_signature", null)]);
    }

    private static Refusal Of(Guid application, int address) => new(application, "invalid_signature", new IPAddress(address));

    private readonly record struct Refusal(Guid? Application, string Code, IPAddress? Address);
}
