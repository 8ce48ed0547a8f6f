namespace AuthPlatform.Data.Auth;

/// <summary>Counts what goes into the audit in large numbers, so that a flood of it becomes a few rows.</summary>
/// <typeparam name="T">What those that are counted together have in common.</typeparam>
/// <param name="withoutAddress">The same without where it came from, which is given up first.</param>
/// <param name="bare">The same without who it concerns as well, which is given up when that does not help.</param>
public sealed class FloodTally<T>(Func<T, T> withoutAddress, Func<T, T> bare)
    where T : struct
{
    /// <summary>Beyond so many different ones addresses are given up, beyond twice as many the rest.</summary>
    public const int MaxDistinct = 1000;

    private readonly Lock _counting = new();
    private Dictionary<T, int> _counts = [];

    /// <summary>Counts one, or as many as could not be written before.</summary>
    public void Add(T item, int count = 1)
    {
        lock (_counting)
        {
            var key = Fits(item, MaxDistinct) ? item : Fits(withoutAddress(item), 2 * MaxDistinct) ? withoutAddress(item) : bare(item);
            _counts[key] = _counts.GetValueOrDefault(key) + count;
        }
    }

    /// <summary>Gives what was counted since the last time.</summary>
    public IReadOnlyDictionary<T, int> Take()
    {
        lock (_counting)
        {
            var taken = _counts;
            _counts = [];
            return taken;
        }
    }

    private bool Fits(T item, int limit) => _counts.Count < limit || _counts.ContainsKey(item);
}
