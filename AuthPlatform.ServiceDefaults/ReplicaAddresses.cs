using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// The replicas behind one address. Where containers run, all replicas of a service have one name, and the name has the address of each: of a headless service in
/// Kubernetes, of a scaled one in Compose.
/// </summary>
/// <param name="lookUp">Gives the addresses of a name.</param>
/// <param name="clock">The time.</param>
public sealed class ReplicaAddresses(Func<string, CancellationToken, Task<IPAddress[]>> lookUp, TimeProvider clock)
{
    /// <summary>How often a name is looked up.</summary>
    public static TimeSpan Period { get; } = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Uri, Name> _names = new();
    private readonly Func<Uri, Name> _create = address => new Name(address, lookUp, clock);

    /// <summary>Whether the address is a name of which there may be several. Addresses by https are not taken apart: their certificate is for the name.</summary>
    public static bool IsOfSeveral(Uri address) => address is { Scheme: "http", HostNameType: UriHostNameType.Dns, IsLoopback: false };

    /// <summary>Where the replicas are. While a name cannot be looked up, where they were; when it never could, the name itself.</summary>
    public ValueTask<IReadOnlyList<Uri>> FindAsync(Uri address) =>
        IsOfSeveral(address) ? _names.GetOrAdd(address, _create).ReplicasAsync() : new([address]);

    private sealed class Name(Uri address, Func<string, CancellationToken, Task<IPAddress[]>> lookUp, TimeProvider clock)
    {
        private readonly Lock _lock = new();
        private volatile IReadOnlyList<Uri>? _known;
        private Task<IReadOnlyList<Uri>>? _lookUp;
        private long _lookedUp;

        public ValueTask<IReadOnlyList<Uri>> ReplicasAsync()
        {
            lock (_lock)
            {
                if (_lookUp is null || (_lookUp.IsCompleted && clock.GetElapsedTime(_lookedUp) >= Period))
                {
                    _lookedUp = clock.GetTimestamp();
                    _lookUp = LookUpAsync();
                }
            }

            // Nobody waits for a look-up but those who come before the first one has ended.
            return _known is { } known ? new(known) : new(_lookUp);
        }

        private async Task<IReadOnlyList<Uri>> LookUpAsync()
        {
            try
            {
                var found = await lookUp(address.IdnHost, CancellationToken.None);
                return found.Length == 0 ? _known ?? [address] : _known = [.. found.Select(ip => new UriBuilder(address) { Host = ip.ToString() }.Uri)];
            }
            catch (SocketException)
            {
                return _known ?? [address];
            }
        }
    }
}
