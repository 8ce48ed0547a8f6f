using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.ServiceDiscovery;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// Where a call to a service of the platform goes: to its replicas by turns, and to the next one when a replica cannot be reached. Nothing of the request has left then, so
/// it cannot be carried out twice. A replica that could not be reached, broke off, let its caller wait in vain, or says that it is
/// unavailable, is the last to be tried for a while: one that hangs must not delay every call.
/// </summary>
internal sealed class ServiceReplicas(ServiceEndpointResolver resolver, ReplicaAddresses replicas, TimeProvider clock)
{
    private static readonly TimeSpan Avoided = TimeSpan.FromSeconds(2);

    /// <summary>A little less than the most hurried client gives one try: finding the replica is part of that.</summary>
    private static readonly TimeSpan InVain = TimeSpan.FromSeconds(0.9);

    private readonly ConcurrentDictionary<Uri, long> _avoidedSince = new();
    private uint _turn;

    /// <summary>The addresses of all replicas of the service that an address such as <c>http://key-manager/path</c> names, in the order to try them.</summary>
    public async ValueTask<IReadOnlyList<Uri>> FindAsync(Uri request, CancellationToken cancellationToken)
    {
        var service = new UriBuilder(request.Scheme, request.Host, request.IsDefaultPort ? -1 : request.Port).Uri;
        var source = await resolver.GetEndpointsAsync(service.GetLeftPart(UriPartial.Authority), cancellationToken);
        var addresses = new List<Uri>();
        foreach (var endpoint in source.Endpoints)
        {
            addresses.AddRange(await replicas.FindAsync(DiscoveredAddress.Of(service, endpoint.EndPoint)));
        }

        var turn = (int)(Interlocked.Increment(ref _turn) % (uint)Math.Max(1, addresses.Count));
        return [.. addresses.Skip(turn).Concat(addresses.Take(turn)).OrderBy(IsAvoided)];
    }

    public void Avoid(Uri address) => _avoidedSince[address] = clock.GetTimestamp();

    /// <summary>The caller has given up; how long it waited says whether that is the replica's fault.</summary>
    /// <param name="address">The replica.</param>
    /// <param name="since">When it was asked, by <see cref="Now"/>.</param>
    public void GivenUp(Uri address, long since)
    {
        if (clock.GetElapsedTime(since) >= InVain)
        {
            Avoid(address);
        }
    }

    public long Now() => clock.GetTimestamp();

    /// <summary>By a clock that nobody sets: set back by an hour, another would keep a replica without calls for as long.</summary>
    private bool IsAvoided(Uri address) => _avoidedSince.TryGetValue(address, out var since) && clock.GetElapsedTime(since) < Avoided;
}

/// <summary>Comes after a client's retries and time limits: what is tried again is tried at another replica, and a limit that ends a try is a caller that gives up.</summary>
internal sealed class ServiceReplicaHandler(ServiceReplicas replicas) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = request.RequestUri!;
        var addresses = await replicas.FindAsync(asked, cancellationToken);
        try
        {
            for (var i = 0; ; i++)
            {
                request.RequestUri = new Uri(addresses[i], asked.PathAndQuery);
                var since = replicas.Now();
                try
                {
                    var response = await base.SendAsync(request, cancellationToken);
                    if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                    {
                        replicas.Avoid(addresses[i]);
                    }

                    return response;
                }
                catch (OperationCanceledException)
                {
                    replicas.GivenUp(addresses[i], since);
                    throw;
                }
                catch (HttpRequestException exception)
                {
                    replicas.Avoid(addresses[i]);
                    if (i + 1 == addresses.Count || exception.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError))
                    {
                        throw;
                    }
                }
            }
        }
        finally
        {
            request.RequestUri = asked;
        }
    }
}
