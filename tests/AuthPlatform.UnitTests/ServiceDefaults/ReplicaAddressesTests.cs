using System.Net;
using System.Net.Sockets;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class ReplicaAddressesTests
{
    private static readonly Uri Service = new("http://token-api:8080");

    private readonly FakeTimeProvider _clock = new();
    private Func<IPAddress[]> _dns = () => [];

    [Fact]
    public async Task Name_WithSeveralAddresses_IsOneReplicaEach()
    {
        _dns = () => [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("fd00::2")];
        Assert.Equal([new Uri("http://10.0.0.1:8080"), new Uri("http://[fd00::2]:8080")], await Create().FindAsync(Service));
    }

    [Theory]
    [InlineData("http://localhost:5000")]
    [InlineData("http://127.0.0.1:5000")]
    [InlineData("http://[::1]:5000")]
    [InlineData("https://token-api:8443")]
    public async Task Address_OfOneOrWithACertificate_StaysAsItIs(string address)
    {
        _dns = () => throw new InvalidOperationException("nobody should ask");
        Assert.False(ReplicaAddresses.IsOfSeveral(new Uri(address)));
        Assert.Equal([new Uri(address)], await Create().FindAsync(new Uri(address)));
    }

    [Fact]
    public async Task Replicas_ThatComeAndGo_AreFollowed()
    {
        _dns = () => [IPAddress.Parse("10.0.0.1")];
        var replicas = Create();
        Assert.Equal("10.0.0.1", Assert.Single(await replicas.FindAsync(Service)).Host);

        _dns = () => [IPAddress.Parse("10.0.0.2")];
        Assert.Equal("10.0.0.1", Assert.Single(await replicas.FindAsync(Service)).Host);
        _clock.Advance(ReplicaAddresses.Period);
        Assert.Equal("10.0.0.2", Assert.Single(await replicas.FindAsync(Service)).Host);
    }

    /// <summary>A name server that is away takes nobody's replicas.</summary>
    [Fact]
    public async Task Name_ThatCannotBeLookedUp_StaysWhereItWas()
    {
        _dns = () => throw new SocketException((int)SocketError.TryAgain);
        var replicas = Create();
        Assert.Equal([Service], await replicas.FindAsync(Service));

        _dns = () => [IPAddress.Parse("10.0.0.1")];
        _clock.Advance(ReplicaAddresses.Period);
        Assert.Equal("10.0.0.1", Assert.Single(await replicas.FindAsync(Service)).Host);
        _dns = () => throw new SocketException((int)SocketError.HostNotFound);
        _clock.Advance(ReplicaAddresses.Period);
        Assert.Equal("10.0.0.1", Assert.Single(await replicas.FindAsync(Service)).Host);
    }

    private ReplicaAddresses Create() => new((name, _) => name == Service.Host ? Task.FromResult(_dns()) : throw new InvalidOperationException(name), _clock);
}
