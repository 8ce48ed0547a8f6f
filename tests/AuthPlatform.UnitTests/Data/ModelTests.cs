using AuthPlatform.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;

namespace AuthPlatform.UnitTests.Data;

public sealed class ModelTests
{
    public static TheoryData<string> Databases => ["authdb", "keysdb"];

    /// <summary>When this fails, run <c>dotnet ef migrations add</c> as CONTRIBUTING says.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public void Migrations_ComparedWithTheModel_LackNothing(string database)
    {
        using var context = Context(database);
        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public void Names_InTheDatabase_NeedNoQuotes(string database)
    {
        using var context = Context(database);
        foreach (var table in Model(context).Tables)
        {
            string[] names =
            [
                table.Name,
                .. table.Columns.Select(c => c.Name),
                .. table.Indexes.Select(i => i.Name),
                .. table.UniqueConstraints.Select(c => c.Name),
                .. table.ForeignKeyConstraints.Select(c => c.Name),
                .. table.CheckConstraints.Select(c => c.Name!),
            ];
            Assert.All(names, name => Assert.Matches("^[a-z][a-z0-9_]{0,62}$", name));
        }
    }

    /// <summary>Text and its length are limited in the database too, so that no path into it is without limits.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public void TextColumns_All_HaveALength(string database)
    {
        using var context = Context(database);
        var columns = Model(context).Tables.SelectMany(t => t.Columns).Where(c => c.StoreType is "text" or "character varying");
        Assert.Empty(columns.Select(c => $"{c.Table.Name}.{c.Name}"));
    }

    private static IRelationalModel Model(DbContext context) => context.GetService<IDesignTimeModel>().Model.GetRelationalModel();

    private static DbContext Context(string database) =>
        database == "authdb" ? new AuthDesignTimeContext().CreateDbContext([]) : new KeysDesignTimeContext().CreateDbContext([]);
}
