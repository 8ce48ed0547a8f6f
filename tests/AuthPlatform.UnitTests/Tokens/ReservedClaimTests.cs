using AuthPlatform.TokenApi.Tokens;

namespace AuthPlatform.UnitTests.Tokens;

/// <summary>Which claims an application cannot have, as the contract has it.</summary>
public sealed class ReservedClaimTests
{
    [Fact]
    public void Names_ThatAreRefused_AreThoseOfTheContract()
    {
        var contract = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", "protocol.md"));
        var sentence = contract.Split("Refused in `claims` are ")[1].Split("All others")[0];

        Assert.Equal(TokenNames.Reserved.Order(StringComparer.Ordinal), sentence.Split('`').Where((_, position) => position % 2 == 1).Order(StringComparer.Ordinal));
    }
}
