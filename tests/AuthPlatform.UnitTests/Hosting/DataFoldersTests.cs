using Aspire.Hosting;
using Aspire.Hosting.Running;

namespace AuthPlatform.UnitTests.Hosting;

/// <summary>Whatever is wrong with a folder is told as it is.</summary>
public sealed class DataFoldersTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("data-folders");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Folder_ThatAnotherHostUses_IsNotTaken()
    {
        var path = Path.Combine(_folder.FullName, "data");
        using (var locked = DataFolders.TryOpen(path))
        {
            Assert.NotNull(locked);
            Assert.Null(DataFolders.TryOpen(path));
        }

        using var again = DataFolders.TryOpen(path);
        Assert.NotNull(again);
    }

    [Fact]
    public void Folder_OfAHostThatIsGone_IsSweptAndOneInUseIsNot()
    {
        var gone = Path.Combine(_folder.FullName, "authplatform-gone");
        DataFolders.TryOpen(gone)!.Dispose();
        using var used = DataFolders.TryOpen(Path.Combine(_folder.FullName, "authplatform-used"));
        DataFolders.Sweep(_folder.FullName);
        Assert.False(Directory.Exists(gone));
        Assert.True(Directory.Exists(Path.Combine(_folder.FullName, "authplatform-used")));
    }

    [Fact]
    public void Folder_OfAHostThatIsGone_IsSweptWithItsDatabasesAndWithoutWhatLinksInItLeadTo()
    {
        var (gone, elsewhere) = (Path.Combine(_folder.FullName, "authplatform-gone"), Path.Combine(_folder.FullName, "elsewhere", "base", "5"));
        DataFolders.TryOpen(gone)!.Dispose();
        foreach (var database in (string[])[Path.Combine(gone, "postgres", "18", "base", "1"), Path.Combine(gone, "postgres", "18", "base", "5"), elsewhere])
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(database).FullName, "1259"), "rows");
        }

        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateSymbolicLink(Path.Combine(gone, "postgres", "17"), Path.Combine(_folder.FullName, "elsewhere"));
        }

        DataFolders.Sweep(_folder.FullName);

        Assert.False(Directory.Exists(gone));
        Assert.True(File.Exists(Path.Combine(elsewhere, "1259")));
    }

    /// <summary>Anybody may put one where temporary folders are, with the name of a folder that is kept.</summary>
    [Fact]
    public void Link_WhereIsSwept_LeadsToNothingThatIsDeleted()
    {
        var kept = Path.Combine(_folder.FullName, "kept");
        DataFolders.TryOpen(kept)!.Dispose();
        var rows = Path.Combine(Directory.CreateDirectory(Path.Combine(kept, "18", "base", "5")).FullName, "1259");
        File.WriteAllText(rows, "rows");
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateSymbolicLink(Path.Combine(_folder.FullName, "authplatform-link"), kept);
        }

        DataFolders.Sweep(_folder.FullName);

        Assert.True(File.Exists(rows));
    }

    /// <summary>As root they are in one place, and a volume has the name of what is swept.</summary>
    [Fact]
    public void Folders_ThatAreKept_AreNotWhereIsSwept() => Assert.NotEqual(DataFolders.Root(), DataFolders.TemporaryRoot());

    [Fact]
    public void Folder_ThatCannotBeMade_IsNamedInASentence()
    {
        var path = Path.Combine(PathOfAFile(), "data");
        var exception = Assert.Throws<DistributedApplicationException>(() => DataFolders.TryOpen(path));
        Assert.Contains($"{path}, where the stores are to keep their files, cannot be used: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UserSecrets_ThatCannotBeWritten_AreNamedInASentence()
    {
        var path = Path.Combine(PathOfAFile(), "secrets.json");
        var exception = Assert.Throws<DistributedApplicationException>(() => new UserSecrets(path).GetOrAdd("Parameters:password", () => "made"));
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Where a folder would have to be.</summary>
    private string PathOfAFile()
    {
        var path = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(path, "");
        return path;
    }
}
