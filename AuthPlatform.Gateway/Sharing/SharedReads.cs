namespace AuthPlatform.Gateway.Sharing;

/// <summary>
/// Reads the same for all who ask at the same time. Whoever asks while a read is under way shares the next one, which begins when that has ended: nobody is given what was
/// read before they asked.
/// </summary>
internal sealed class SharedReads<TKey, TValue>(TimeProvider clock)
    where TKey : notnull
{
    /// <summary>A read that takes longer holds nobody up any more: the next one may be luckier.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _joining = new();
    private readonly Dictionary<TKey, Read> _latest = [];

    /// <summary>What <paramref name="read"/> says now, or that of another who asked for the same.</summary>
    /// <param name="key">What is asked for.</param>
    /// <param name="read">Reads it. Others may wait for it, so it is called and runs to its end even if <paramref name="cancellationToken"/> says that this caller has gone.</param>
    /// <param name="cancellationToken">Ends waiting for another's read.</param>
    public Task<TValue> ReadAsync(TKey key, Func<Task<TValue>> read, CancellationToken cancellationToken)
    {
        Read? before;
        Read mine;
        lock (_joining)
        {
            if (_latest.TryGetValue(key, out before) && !before.HasBegun)
            {
                return before.Task.WaitAsync(cancellationToken);
            }

            _latest[key] = mine = new Read { HasBegun = before is null };
        }

        return ReadAsync(key, mine, before, read);
    }

    private async Task<TValue> ReadAsync(TKey key, Read mine, Read? before, Func<Task<TValue>> read)
    {
        if (before is not null)
        {
            await ((Task)before.Task).WaitAsync(Patience, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_joining)
            {
                mine.HasBegun = true;
            }
        }

        try
        {
            mine.SetResult(await read());
        }
        catch (Exception exception)
        {
            mine.SetException(exception);
        }

        lock (_joining)
        {
            if (_latest.GetValueOrDefault(key) == mine)
            {
                _latest.Remove(key);
            }
        }

        return await mine.Task;
    }

    private sealed class Read() : TaskCompletionSource<TValue>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public bool HasBegun { get; set; }
    }
}
