using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.ServiceDefaults;
using AuthPlatform.TokenApi.Requests;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Audit;

/// <summary>Adds refusals to the audit, every few seconds as many rows as there were different ones; the last ones before <see cref="AuditLog"/> writes its last events.</summary>
internal sealed class RejectionLog(AuditLog audit, TimeProvider clock) : PeriodicWriter(Period, clock)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly FloodTally<Rejection> _tally = new(r => r with { Address = null }, r => new(null, null, r.Endpoint, r.Code, null));

    /// <summary>Counts a refusal. An outage on our side is none.</summary>
    public void Add(HttpContext context, SignedEndpoint endpoint, Problem problem)
    {
        if (problem.Status >= StatusCodes.Status500InternalServerError)
        {
            return;
        }

        var application = context.Features.Get<Application>();
        var address = context.Connection.RemoteIpAddress;
        _tally.Add(new Rejection(application?.Id, application?.ClientId, endpoint.Name, problem.Code, address is null ? null : IpAddressText.Unmap(address)));
    }

    /// <summary>Not cancelled: what is taken out of the tally is nowhere else.</summary>
    protected override async Task FlushAsync(CancellationToken cancellationToken)
    {
        var now = Clock.GetUtcNow();
        await audit.WriteAsync([.. _tally.Take().Select(r => Event(r.Key, r.Value, now))]);
    }

    private static AuditEvent Event(Rejection rejection, int count, DateTimeOffset now) => new()
    {
        OccurredAt = now,
        Id = Guid.CreateVersion7(now),
        ApplicationId = rejection.ApplicationId,
        ClientId = rejection.ClientId,
        Kind = AuditKinds.Rejected,
        Code = rejection.Code,
        Address = rejection.Address?.ToString(),
        Count = count,
        Details = $$"""{"endpoint":"{{JsonEncodedText.Encode(rejection.Endpoint)}}"}""",
    };
}
