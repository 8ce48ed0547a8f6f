using AuthPlatform.Data;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.UnitTests.KeyManager;

public sealed class KeySqlTests
{
    /// <summary>A column that somebody adds must be read and written by hand: when this fails, add it to the list, and to what reads or writes it.</summary>
    [Theory]
    [InlineData("signing_keys", KeySql.KeyColumns)]
    [InlineData("key_applications", KeySql.ApplicationColumns)]
    public void Columns_ComparedWithTheModel_AreAllThatThereAre(string table, string columns)
    {
        using var database = new KeysDesignTimeContext().CreateDbContext([]);
        var model = database.Model.GetRelationalModel().Tables.Single(t => t.Name == table);
        Assert.Equal(
            model.Columns.Select(c => c.Name).Where(name => name != "xmin").Order(),
            columns.Split(',', StringSplitOptions.TrimEntries).Order());
    }
}
