using Xunit.v3;

namespace AuthPlatform.IntegrationTests;

/// <summary>What takes longest begins first, or the whole run would wait for it at the end. All others come in an order of chance.</summary>
public sealed class LongOnesFirst : ITestCollectionOrderer
{
    /// <summary>By name: some of them are not there on every system.</summary>
    private static readonly string[] LongOnes = ["SecretRotationTests", "KeyRotationLoadTests", "SessionRaceTests", "PublishedServicesTests", "AppHostProcessTests"];

    IReadOnlyCollection<TTestCollection> ITestCollectionOrderer.OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections) =>
        [.. DefaultTestCollectionOrderer.Instance.OrderTestCollections(testCollections).OrderBy(collection => IsLong(collection.TestCollectionDisplayName) ? 0 : 1)];

    private static bool IsLong(string name) => LongOnes.Any(longOne => name.Contains(longOne, StringComparison.Ordinal));
}
