using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Running;

/// <summary>
/// <c>postmaster.pid</c> tells PostgreSQL that its directory is in use. After a host was killed its server may still be shutting down, or be dead but not yet reaped, which
/// PostgreSQL takes for alive; and the number may belong to another program by now. Our lock on the folder says that no other host runs a server there.
/// </summary>
internal static class PostmasterFile
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static async Task WaitForPredecessorAsync(string data, TimeSpan patience, CancellationToken cancellationToken)
    {
        var file = Path.Combine(data, "postmaster.pid");
        var begin = TimeProvider.System.GetTimestamp();
        while (File.Exists(file) && TimeProvider.System.GetElapsedTime(begin) < patience)
        {
            if (!IsRunningPostgres(await ReadProcessIdAsync(file, cancellationToken)))
            {
                File.Delete(file);
                return;
            }

            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<int?> ReadProcessIdAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            var lines = await File.ReadAllLinesAsync(file, cancellationToken);
            return int.TryParse(lines.FirstOrDefault(), CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static bool IsRunningPostgres(int? processId)
    {
        if (processId is not { } id)
        {
            return false;
        }

        try
        {
            using var process = Process.GetProcessById(id);
            return process.ProcessName.StartsWith("postgres", StringComparison.Ordinal) && !IsZombie(id);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return false; // no such process, or it ended while we looked
        }
    }

    private static bool IsZombie(int processId)
    {
        // "123 (name) Z …"
        var stat = $"/proc/{processId}/stat";
        return OperatingSystem.IsLinux() && (!File.Exists(stat) || File.ReadAllText(stat).Split(") ", 2)[^1].StartsWith('Z'));
    }
}
