using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>
/// What takes the lock of a user (<see cref="SessionBatches.UserLock"/>), one after the other: a user for whom a hundred requests come at once, or whom somebody holds, waits here and
/// not in a hundred transactions.
/// </summary>
internal sealed class UserTurns(TimeProvider clock)
{
    private readonly Turns<(Guid ApplicationId, string UniqueKey)> _turns = new(Batcher<Guid, bool>.Patience, clock);

    /// <summary>Does it when it is the user's turn.</summary>
    /// <param name="application">Whose user it is.</param>
    /// <param name="uniqueKey">The user.</param>
    /// <param name="run">What is done.</param>
    /// <param name="cancellationToken">Ends the wait; what has begun afterwards is its own business.</param>
    /// <exception cref="TimeoutException">It has waited too long, and was not done.</exception>
    public async Task<T> RunAsync<T>(Application application, string uniqueKey, Func<Task<T>> run, CancellationToken cancellationToken)
    {
        var user = (application.Id, uniqueKey);
        await _turns.TakeAsync(user, cancellationToken);
        try
        {
            return await run();
        }
        finally
        {
            _turns.GiveBack(user);
        }
    }
}
