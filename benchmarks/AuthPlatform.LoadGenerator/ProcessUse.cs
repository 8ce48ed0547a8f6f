using System.Globalization;

namespace AuthPlatform.LoadGenerator;

/// <summary>What a process and its descendants have used.</summary>
/// <param name="Name">What it is called in reports.</param>
/// <param name="Processor">Processor time since its start, that of children that have ended included.</param>
/// <param name="PeakMemory">Bytes: the highest resident size of each process, added up.</param>
/// <param name="Memory">Bytes resident now.</param>
/// <param name="ProportionalMemory">The same with each page divided by the number of processes that have it: what they take from the machine together. 0 for processes of another user.</param>
internal sealed record ProcessUse(string Name, TimeSpan Processor, long PeakMemory, long Memory, long ProportionalMemory)
{
    /// <summary>USER_HZ is 100 on every Linux that .NET runs on.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>Reads it from <c>/proc</c>.</summary>
    /// <param name="processes">Ids by name.</param>
    /// <exception cref="IOException">One of them has ended.</exception>
    public static IReadOnlyList<ProcessUse> Read(IEnumerable<KeyValuePair<string, int>> processes)
    {
        var children = Children();
        return [.. processes.Select(process => Of(process.Key, process.Value, children))];
    }

    private static ProcessUse Of(string name, int id, ILookup<int, int> children)
    {
        var use = new ProcessUse(name, TimeSpan.Zero, 0, 0, 0);
        var left = new Stack<int>([id]);
        while (left.TryPop(out var next))
        {
            try
            {
                // utime, stime, cutime, cstime: proc(5), fields 14 to 17, counted after the name, which may hold anything.
                var fields = Fields(next);
                var ticks = fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
                var status = File.ReadAllLines($"/proc/{next}/status");
                use = use with
                {
                    Processor = use.Processor + TimeSpan.FromSeconds((double)ticks / TicksPerSecond),
                    PeakMemory = use.PeakMemory + Kilobytes(status, "VmHWM:"),
                    Memory = use.Memory + Kilobytes(status, "VmRSS:"),
                    ProportionalMemory = use.ProportionalMemory + Kilobytes(Shares(next), "Pss:"),
                };
            }
            catch (IOException) when (next != id)
            {
                // A child that has just ended: its parent counts for it.
                continue;
            }

            foreach (var child in children[next])
            {
                left.Push(child);
            }
        }

        return use;
    }

    private static string[] Shares(int id)
    {
        try
        {
            return File.ReadAllLines($"/proc/{id}/smaps_rollup");
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static long Kilobytes(string[] status, string field) =>
        status.FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) is { } line
            ? long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024
            : 0;

    private static ILookup<int, int> Children()
    {
        var parents = new List<(int Parent, int Child)>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                try
                {
                    parents.Add((int.Parse(Fields(id)[1], CultureInfo.InvariantCulture), id));
                }
                catch (IOException)
                {
                    // Ended meanwhile.
                }
            }
        }

        return parents.ToLookup(pair => pair.Parent, pair => pair.Child);
    }

    private static string[] Fields(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }
}
