namespace AuthPlatform.Gateway;

/// <summary>Keeps what strangers cause from filling the log: each thing is told once a minute.</summary>
/// <param name="time">The service's clock.</param>
/// <param name="most">How many different things are told of a minute: the first ones.</param>
internal sealed class OncePerMinute<T>(TimeProvider time, int most = int.MaxValue)
{
    private readonly Lock _gate = new();
    private readonly HashSet<T> _told = [];
    private long _since = time.GetTimestamp();

    /// <summary>Whether to tell it; then it has been told.</summary>
    public bool IsNew(T thing)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_since) >= TimeSpan.FromMinutes(1))
            {
                _since = time.GetTimestamp();
                _told.Clear();
            }

            return _told.Count < most && _told.Add(thing);
        }
    }
}
