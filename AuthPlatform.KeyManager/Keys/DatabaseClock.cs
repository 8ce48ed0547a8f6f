using AuthPlatform.ServiceDefaults;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// The time of the database, as far as it is known: by it all replicas agree on which keys sign and which are published. A machine whose clock is days ahead
/// would otherwise rotate keys that nobody has heard of, and take away those that tokens still need.
/// </summary>
/// <param name="machine">The clock of this machine: between two looks at the database, and for all that is measured.</param>
internal sealed class DatabaseClock(TimeProvider machine) : TimeProvider
{
    private long _ahead;
    private volatile bool _isKnown;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    /// <inheritdoc/>
    public override long TimestampFrequency => machine.TimestampFrequency;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow().AddTicks(Volatile.Read(ref _ahead));

    /// <inheritdoc/>
    public override long GetTimestamp() => machine.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => machine.CreateTimer(callback, state, dueTime, period);

    /// <summary>Whether this machine and the database agree, as far as services must (<see cref="ClockCheck.Limit"/>).</summary>
    public bool Agrees => TimeSpan.FromTicks(Volatile.Read(ref _ahead)).Duration() <= ClockCheck.Limit;

    /// <summary>How far this machine is ahead of the database; null before the first answer.</summary>
    public double? SecondsAhead => _isKnown ? TimeSpan.FromTicks(-Volatile.Read(ref _ahead)).TotalSeconds : null;

    /// <summary>Takes over what the database has just answered.</summary>
    /// <param name="there">Its time.</param>
    /// <param name="asked">When it was asked, by <see cref="GetTimestamp"/>: any time between then and now is right, and changes nothing.</param>
    public void Learn(DateTimeOffset there, long asked)
    {
        var known = Volatile.Read(ref _ahead);
        var latest = machine.GetUtcNow().AddTicks(known);
        var earliest = latest - GetElapsedTime(asked);
        var ahead = there < earliest ? there - earliest : there > latest ? there - latest : TimeSpan.Zero;
        // Whoever has learned it meanwhile has corrected it.
        Interlocked.CompareExchange(ref _ahead, known + ahead.Ticks, known);
        _isKnown = true;
    }
}
