using AuthPlatform.TokenApi.Cleanup;

namespace AuthPlatform.UnitTests.Cleanup;

public sealed class CleanupOptionsTests
{
    /// <summary>Longer, and late by the tenth that replicas are apart, it would come near the quarter of an hour after which an alert says that nobody cleans up.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(600, true)]
    [InlineData(601, false)]
    public void Period_ThatWouldRaiseTheAlertByItself_IsRefused(int seconds, bool isTaken) =>
        Assert.Equal(isTaken, new ValidateCleanupOptions().Validate(name: null, new CleanupOptions { PeriodSeconds = seconds }).Succeeded);
}
