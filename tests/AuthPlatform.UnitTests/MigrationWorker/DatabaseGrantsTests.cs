using AuthPlatform.Data;
using AuthPlatform.MigrationWorker.Roles;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.UnitTests.MigrationWorker;

public sealed class DatabaseGrantsTests
{
    public static TheoryData<string> Databases => ["authdb", "keysdb"];

    /// <summary>When this fails, somebody has to decide who may do what with a new table, in <see cref="DatabaseGrants"/>.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public void Tables_OfTheModel_AreAllDecidedForEveryService(string database)
    {
        using DbContext context = database == "authdb" ? new AuthDesignTimeContext().CreateDbContext([]) : new KeysDesignTimeContext().CreateDbContext([]);
        var grants = database == "authdb" ? DatabaseGrants.Auth : DatabaseGrants.Keys;

        Assert.Equal(context.Model.GetEntityTypes().Select(e => e.GetTableName()!).Order(StringComparer.Ordinal), grants.Tables.Select(t => t.Table).Order(StringComparer.Ordinal));
        Assert.All(grants.Tables, table => Assert.Equal(grants.Services.Length, table.Rights.Length));
    }
}
