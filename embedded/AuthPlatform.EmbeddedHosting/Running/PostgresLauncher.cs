using System.Collections.Concurrent;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

internal sealed class PostgresLauncher(DataFolders folders) : ILauncher
{
    // Nobody needs the data after a test run, so nobody needs it safely on the disk; only a process that is killed must not lose what it had said was done.
    private static readonly string[] FastAndForgetful = ["-c", "fsync=off", "-c", "full_page_writes=off"];

    private static readonly TimeSpan PredecessorPatience = TimeSpan.FromSeconds(5);

    public async Task<ProcessSpec> PrepareAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var server = (PostgresServerResource)instance.Resource;
        var volume = server.Annotations.OfType<DataVolumeAnnotation>().LastOrDefault();
        var folder = volume is null ? folders.Temporary(server.Name) : folders.Kept(volume.Name);
        var binaries = Choose(PostgresBinaries.FindAll(), folder);
        var data = Path.Combine(folder, binaries.Major);
        server.DataDirectory = data;
        instance.Describe("data.path", data);
        RootPrivileges.GiveAway(folder);
        if (!Directory.Exists(data))
        {
            await InitializeAsync(instance, server, binaries, data, throwAway: volume is null, cancellationToken);
        }

        await PostmasterFile.WaitForPredecessorAsync(data, PredecessorPatience, cancellationToken);
        string[] arguments =
        [
            "-D", data,
            "-p", $"{server.PrimaryEndpoint.Port}",
            "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=", // a socket's path may have 107 bytes only, and nobody needs one
            .. volume is null ? FastAndForgetful : [],
            .. server.Annotations.OfType<ArgumentsAnnotation>().SelectMany(annotation => annotation.Arguments),
        ];
        return new ProcessSpec(binaries.Postgres, arguments)
        {
            Description = $"PostgreSQL {binaries.Version}",
            WorkingDirectory = folder,
            LogsToStandardError = true,
            RefusesRoot = true,
            // Its "fast" shut-down: ends the sessions and leaves clean files; a mere SIGTERM waits for the clients.
            StopSignal = Signal.Interrupt,
            OrphanSignal = Signal.Interrupt,
        };
    }

    /// <summary>One major version cannot read the files of another: each has a directory of its own, and the one that has data goes first.</summary>
    internal static PostgresBinaries Choose(IReadOnlyList<PostgresBinaries> found, string folder)
    {
        if (found.FirstOrDefault(binaries => Directory.Exists(Path.Combine(folder, binaries.Major))) is { } match)
        {
            return match;
        }

        var majors = Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Where(name => int.TryParse(name, out _)).ToList();
        return majors.Count == 0 ? found[0] : throw new DistributedApplicationException(
            $"The data in {folder} was written by PostgreSQL {string.Join(" or ", majors)}, which is not installed (found: {string.Join(", ", found.Select(f => f.Version))}): install it, or delete that directory to start afresh.");
    }

    /// <summary>Texts are sorted by their code points. The C library of Linux knows C.UTF-8, that of others not always, such as macOS 14; PostgreSQL itself does from 17 on.</summary>
    internal static string[] Locale(string major, bool isLinux) =>
        isLinux ? ["--locale=C.UTF-8"]
        : int.Parse(major, CultureInfo.InvariantCulture) >= 17 ? ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        : ["--locale=C"];

    private static async Task InitializeAsync(
        ResourceInstance instance, PostgresServerResource server, PostgresBinaries binaries, string data, bool throwAway, CancellationToken cancellationToken)
    {
        // Made beside and renamed, so that a directory of the right name is always a whole one.
        var fresh = data + ".new";
        if (Directory.Exists(fresh))
        {
            Directory.Delete(fresh, recursive: true);
        }

        var passwordFile = data + ".password";
        await using (var writer = new StreamWriter(passwordFile, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write }))
        {
            await writer.WriteAsync(await server.PasswordParameter.GetValueAsync(cancellationToken));
        }

        try
        {
            RootPrivileges.GiveAway(passwordFile);
            string[] arguments =
            [
                "-D", fresh,
                "-U", PostgresServerResource.UserName,
                $"--pwfile={passwordFile}", "-A", "scram-sha-256", "-E", "UTF8", .. Locale(binaries.Major, OperatingSystem.IsLinux()),
                .. throwAway ? ["--no-sync"] : Array.Empty<string>(),
            ];
            var lines = new ConcurrentQueue<string>();
            var initDb = await ChildProcess.StartAsync(
                new ProcessSpec(binaries.InitDb, arguments) { WorkingDirectory = Path.GetDirectoryName(data), RefusesRoot = true }, (line, _) => lines.Enqueue(line));
            if (await initDb.Exited.WaitAsync(cancellationToken) != 0)
            {
                throw new DistributedApplicationException($"initdb failed: {string.Join(' ', lines)}");
            }

            Directory.Move(fresh, data);
            instance.Log($"Made a new database cluster in {data}.");
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }
}
