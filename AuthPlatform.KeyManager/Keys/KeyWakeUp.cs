namespace AuthPlatform.KeyManager.Keys;

/// <summary>Lets the upkeep come round before its time.</summary>
internal sealed class KeyWakeUp(TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _signal = new(0, 1);

    public void Wake()
    {
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else has said so already.
        }
    }

    /// <summary>Waits for a signal, or for the time to pass.</summary>
    public async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(time, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _signal.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // The time has passed, or nobody waits any more.
        }
    }

    public void Dispose() => _signal.Dispose();
}
