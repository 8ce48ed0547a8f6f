namespace AuthPlatform.TokenApi.Sessions;

/// <summary>Lets those who want the same do it one after the other, in the order in which they came. What nobody wants any more is forgotten.</summary>
/// <param name="patience">How long a turn is waited for.</param>
/// <param name="clock">The time.</param>
internal sealed class Turns<TKey>(TimeSpan patience, TimeProvider clock)
    where TKey : notnull
{
    private readonly Lock _lock = new();

    /// <summary>What somebody has the turn of, and who waits for it.</summary>
    private readonly Dictionary<TKey, Queue<TaskCompletionSource>> _taken = [];

    /// <summary>How much is taken.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _taken.Count;
            }
        }
    }

    /// <summary>Waits for the turn; whoever gets it gives it back (<see cref="GiveBack"/>).</summary>
    /// <exception cref="TimeoutException">It did not come in time.</exception>
    public async Task TakeAsync(TKey key, CancellationToken cancellationToken)
    {
        TaskCompletionSource mine;
        lock (_lock)
        {
            if (!_taken.TryGetValue(key, out var waiting))
            {
                _taken.Add(key, new());
                return;
            }

            mine = new(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Enqueue(mine);
        }

        try
        {
            await mine.Task.WaitAsync(patience, clock, cancellationToken);
        }
        catch (Exception exception)
        {
            if (!mine.TrySetCanceled(CancellationToken.None))
            {
                // It came in this very moment.
                GiveBack(key);
            }

            if (exception is TimeoutException)
            {
                throw new TimeoutException("It waited too long for what else is done with the user's sessions", exception);
            }

            throw;
        }
    }

    /// <summary>Gives the turn to the next one who still waits for it.</summary>
    public void GiveBack(TKey key)
    {
        lock (_lock)
        {
            var waiting = _taken[key];
            while (waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            _taken.Remove(key);
        }
    }
}
