using System.Net;

namespace AuthPlatform.Gateway.Limits;

/// <summary>Tells the operator who reached which limit: once a minute each, and of a minute the first hundred, so that a flood does not fill the log.</summary>
internal sealed partial class LimitedCallers(TimeProvider time, ILogger<LimitedCallers> logger)
{
    public const int MostPerMinute = 100;

    private readonly OncePerMinute<(string Limit, Caller Caller)> _told = new(time, MostPerMinute);

    public void Tell(string limit, IPAddress? address, Caller caller)
    {
        if (!_told.IsNew((limit, caller)))
        {
            return;
        }

        if (caller.ClientId.Length == 0)
        {
            Log.Limited(logger, address, limit);
        }
        else
        {
            Log.LimitedApplication(logger, address, caller.ClientId, limit);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Address} reached the limit {Limit}: what it asks beyond that is refused")]
        public static partial void Limited(ILogger logger, IPAddress? address, string limit);

        [LoggerMessage(2, LogLevel.Warning, "{Address}, which says to be {ClientId}, reached the limit {Limit}: what it asks beyond that is refused")]
        public static partial void LimitedApplication(ILogger logger, IPAddress? address, string clientId, string limit);
    }
}
