using Xunit.v3;

namespace AuthPlatform.IntegrationTests;

/// <summary>What takes longest begins first, in this order, or the whole run would wait for it at the end. All others come in an order of chance.</summary>
public sealed class LongOnesFirst : ITestCollectionOrderer
{
    /// <summary>By name: some of them are not there on every system.</summary>
    private static readonly string[] LongOnes =
    [
        "ReplicatedPlatform", "StoreOutageTests", "AppHostProcessTests", "PublishedServicesTests", "KeyRotationLoadTests", "MigrationWorkerTests", "KeysCommandTests", "GuessingTests",
        "ReplicaTests", "RestoreDrillTests", "StartRaceTests", "DatabaseRoleTests", "ReadOnlyDatabaseTests", "WarmUpTests", "SecrecyTests",
    ];

    IReadOnlyCollection<TTestCollection> ITestCollectionOrderer.OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections) =>
        [.. DefaultTestCollectionOrderer.Instance.OrderTestCollections(testCollections).OrderBy(collection => PositionOf(collection.TestCollectionDisplayName))];

    private static int PositionOf(string name) =>
        Array.FindIndex(LongOnes, longOne => name.Contains($".{longOne}", StringComparison.Ordinal)) is >= 0 and var position ? position : LongOnes.Length;
}
