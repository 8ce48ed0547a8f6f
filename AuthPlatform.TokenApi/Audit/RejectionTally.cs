namespace AuthPlatform.TokenApi.Audit;

/// <summary>Counts refusals, so that a flood of them becomes a few rows: beyond so many different ones, first the addresses are given up, then the applications.</summary>
internal sealed class RejectionTally
{
    public const int MaxDistinct = 1000;

    private readonly Lock _counting = new();
    private Dictionary<Rejection, int> _counts = [];

    public void Add(Rejection rejection)
    {
        lock (_counting)
        {
            var key = Fits(rejection, MaxDistinct) ? rejection
                : Fits(rejection with { Address = null }, 2 * MaxDistinct) ? rejection with { Address = null }
                : new Rejection(null, null, rejection.Endpoint, rejection.Code, null);
            _counts[key] = _counts.GetValueOrDefault(key) + 1;
        }
    }

    /// <summary>Gives what was counted since the last time.</summary>
    public IReadOnlyDictionary<Rejection, int> Take()
    {
        lock (_counting)
        {
            if (_counts.Count == 0)
            {
                return _counts.AsReadOnly();
            }

            var taken = _counts;
            _counts = [];
            return taken;
        }
    }

    private bool Fits(Rejection rejection, int limit) => _counts.Count < limit || _counts.ContainsKey(rejection);
}
