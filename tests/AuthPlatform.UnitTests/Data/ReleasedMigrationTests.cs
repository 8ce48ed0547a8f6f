using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace AuthPlatform.UnitTests.Data;

/// <summary>Where a migration has been carried out, it never is again: what is changed in it afterwards would be missing there.</summary>
public sealed class ReleasedMigrationTests
{
    /// <summary>The migrations with statements written by hand, and what these hash to.</summary>
    private static readonly string[] Released =
    [
        "20261123182353_SessionLifeCycle d7c54670e09b9a05",
        "20261123201222_Audit b2d0abc68dccb9a4",
        "20261123223209_AdminLists e79c7343779285bd",
        "20261124014307_AuditOfOwners 889885d77a927ca2",
        "20261124093327_SessionFunctions 24feca3129145f59",
        "20261124112219_AuditByAddressAndKind ef16e947c2b46626",
        "20261125074500_AuditPartitions 13dfc45808460aef",
        "20261125223000_SessionsTogether 50c211a6f584a17c",
        "20261126004514_SessionSweeps 47aad248ef9e8fe7",
        "20261126004515_SessionSweepsIndex 5389b793a7d751f0",
        "20261127092057_RevokeRemaining c3f332406e2ad57a",
        "20261127150000_DropSessionExpiryIndex d5a580d512779ce1",
        "20261127160000_SessionEnds f64a3e31557a7537",
        "20261127190426_FeedTimeline 1f880c635c8d1626",
        "20261128003000_SessionLookups 752003afb6c283b1",
        "20261123190433_KeyLifeCycle 93f39eb7233d3789",
    ];

    [Fact]
    public void Statements_OfReleasedMigrations_StayAsTheyAre()
    {
        using var auth = new AuthDesignTimeContext().CreateDbContext([]);
        using var keys = new KeysDesignTimeContext().CreateDbContext([]);
        string[] found = [.. Lines(auth), .. Lines(keys)];

        string[] differences = [.. Released.Except(found).Select(line => $"- {line}"), .. found.Except(Released).Select(line => $"+ {line}")];
        Assert.True(
            differences.Length == 0,
            "A migration that has been released stays as it is: put what you have changed into a new one. Of one that is new, add the line here.\n" + string.Join('\n', differences));
    }

    /// <summary>When the last one is removed, the snapshot is made from the one before it.</summary>
    [Fact]
    public void Migrations_TheLastTwo_KnowTheModel()
    {
        using var auth = new AuthDesignTimeContext().CreateDbContext([]);
        using var keys = new KeysDesignTimeContext().CreateDbContext([]);
        foreach (var context in (DbContext[])[auth, keys])
        {
            var migrations = context.GetService<IMigrationsAssembly>();
            var last = migrations.Migrations.TakeLast(2).Select(migration => migrations.CreateMigration(migration.Value, context.Database.ProviderName!));
            Assert.All(last, migration => Assert.NotEmpty(migration.TargetModel.GetEntityTypes()));
        }
    }

    private static IEnumerable<string> Lines(DbContext context)
    {
        var migrations = context.GetService<IMigrationsAssembly>();
        foreach (var (id, type) in migrations.Migrations)
        {
            var statements = migrations.CreateMigration(type, context.Database.ProviderName!).UpOperations.OfType<SqlOperation>().Select(operation => operation.Sql).ToList();
            if (statements.Count > 0)
            {
                var text = string.Join('\n', statements).ReplaceLineEndings("\n");
                yield return $"{id} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8))}";
            }
        }
    }
}
