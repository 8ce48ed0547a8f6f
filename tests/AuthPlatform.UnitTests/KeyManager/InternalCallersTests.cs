using AuthPlatform.Contracts;
using AuthPlatform.KeyManager;
using Microsoft.Extensions.Options;

namespace AuthPlatform.UnitTests.KeyManager;

public sealed class InternalCallersTests
{
    private const string Newest = "newest-0123456789abcdef0123456789";
    private const string Older = "older-0123456789abcdef01234567890";

    private readonly InternalCallers _callers = new(Options.Create(new InternalCallOptions { Secrets = { Newest, Older } }));

    [Theory]
    [InlineData("Bearer " + Newest, true)]
    [InlineData("bearer " + Newest, true)]
    [InlineData("Bearer " + Older, true)]
    [InlineData("", false)]
    [InlineData("Bearer", false)]
    [InlineData("Bearer ", false)]
    [InlineData(Newest, false)]
    [InlineData("Basic " + Newest, false)]
    [InlineData("Bearer  " + Newest, false)]
    [InlineData("Bearer " + Newest + " ", false)]
    [InlineData("Bearer " + Newest + "," + Older, false)]
    [InlineData("Bearer newest-0123456789abcdef012345678", false)]
    public void IsKnown_Authorization_MustHoldOneOfTheSecrets(string authorization, bool expected) => Assert.Equal(expected, _callers.IsKnown(authorization));
}
