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

    /// <summary>Waits for a signal or for the time to pass; true when there was a signal.</summary>
    public async Task<bool> WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(time, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _signal.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose() => _signal.Dispose();
}
