namespace Aspire.Hosting.Running;

/// <summary>
/// Where stores keep their files: under the user's application data, by volume name, or in a folder that vanishes with this run. Every folder is locked by the one host that
/// uses it; the lock goes with the process, however that ends.
/// </summary>
internal sealed class DataFolders : IDisposable
{
    private const string LockFile = ".lock";
    private const string TemporaryPrefix = "authplatform-";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string RootsFolder = "/var/lib/AuthPlatform";

    // What opening a file says that another process has locked: ERROR_SHARING_VIOLATION of Windows, EWOULDBLOCK of macOS or Linux.
    private static readonly int Locked = OperatingSystem.IsWindows() ? unchecked((int)0x8007_0020) : OperatingSystem.IsMacOS() ? 35 : 11;

    // Nobody follows a link here: it may lead to what belongs to somebody else, or to what is kept.
    private static readonly EnumerationOptions NoLinks = new() { AttributesToSkip = FileAttributes.ReparsePoint };

    // Stores start at the same time. Two temporary folders would mean one that nobody remembers, unlocked as soon as its stream is collected.
    private readonly Lock _one = new();
    private readonly Dictionary<string, (string Path, FileStream Lock)> _kept = [];
    private (string Path, FileStream Lock)? _temporary;

    /// <summary>The folder of a volume, which later runs find again.</summary>
    public string Kept(string volumeName)
    {
        if (!_kept.TryGetValue(volumeName, out var folder))
        {
            var path = Path.Combine(Root(), volumeName);
            var locked = TryOpen(path) ?? throw new DistributedApplicationException($"The data in {path} is in use by another AppHost: stop that one first.");
            _kept[volumeName] = folder = (path, locked);
        }

        return folder.Path;
    }

    /// <summary>A folder for this run only.</summary>
    public string Temporary(string name)
    {
        lock (_one)
        {
            if (_temporary is null)
            {
                SweepTemporary();
                _temporary = CreateTemporary();
            }
        }

        var path = Path.Combine(_temporary.Value.Path, name);
        CreatePrivate(path);
        return path;
    }

    public void Dispose()
    {
        foreach (var (_, locked) in _kept.Values)
        {
            locked.Dispose();
        }

        if (_temporary is { } temporary)
        {
            Delete(temporary.Path);
            temporary.Lock.Dispose();
        }
    }

    internal static string Root() => RootPrivileges.ChangesOwner
        ? RootsFolder // root's home is closed to the user PostgreSQL runs as
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "AuthPlatform");

    /// <summary>Nothing else lies there that a sweep could take. Everybody may make folders in the system's, and root cannot tell which of those are its own.</summary>
    internal static string TemporaryRoot() => RootPrivileges.IsRoot ? $"{RootsFolder}/temporary" : Path.GetTempPath();

    private static (string Path, FileStream Lock) CreateTemporary()
    {
        while (true)
        {
            var path = Path.Combine(TemporaryRoot(), TemporaryPrefix + Path.GetRandomFileName());
            // Null if another host's sweep came between creating and locking: take another name.
            if (TryOpen(path) is { } locked)
            {
                RootPrivileges.GiveAway(path);
                return (path, locked);
            }
        }
    }

    private static void SweepTemporary()
    {
        if (Directory.Exists(TemporaryRoot()))
        {
            Sweep(TemporaryRoot());
        }
    }

    /// <summary>Deletes what hosts of this user left behind that could not clean up.</summary>
    internal static void Sweep(string root)
    {
        foreach (var path in Directory.EnumerateDirectories(root, TemporaryPrefix + "*", NoLinks).Where(path => File.Exists(Path.Combine(path, LockFile))))
        {
            try
            {
                if (!OperatingSystem.IsWindows())
                {
                    // Only its owner may say so. In another's, links could take the place of folders while those are deleted.
                    File.SetUnixFileMode(path, Private);
                }

                // Its host runs when it is locked.
                using var locked = TryLock(Path.Combine(path, LockFile));
                if (locked is not null)
                {
                    Delete(path);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It is another user's.
            }
        }
    }

    /// <summary>Makes a folder that nobody else can enter, unless it is there, and locks it; null when another host has locked it.</summary>
    internal static FileStream? TryOpen(string path)
    {
        try
        {
            CreatePrivate(path);
            return TryLock(Path.Combine(path, LockFile));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DistributedApplicationException($"{path}, where the stores are to keep their files, may not be written by this user: change its owner or its permissions.", exception);
        }
        catch (IOException exception)
        {
            throw new DistributedApplicationException($"{path}, where the stores are to keep their files, cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Makes a file, unless it is there, and locks it for this process; null when another one has.</summary>
    internal static FileStream? TryLock(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult == Locked)
        {
            return null;
        }
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Parallel.ForEach(DatabasesIn(path), TryDelete);
        }

        TryDelete(path);
    }

    /// <summary>
    /// The folders of PostgreSQL's databases, which are several hundred files each. A test run leaves a hundred of them, and one after the other the disk is waited for with each file.
    /// </summary>
    private static List<string> DatabasesIn(string path)
    {
        var below = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3, AttributesToSkip = NoLinks.AttributesToSkip };
        return [.. Directory.EnumerateDirectories(path, "*", below).Where(folder => Path.GetFileName(Path.GetDirectoryName(folder)) == "base")];
    }

    private static void TryDelete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Something still writes there, or it is another user's: a later sweep takes it.
        }
    }

    private static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, Private);
        }
    }
}
