using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Requests;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Audit;

/// <summary>Adds refusals to the audit, every few seconds as many rows as there were different ones.</summary>
internal sealed class RejectionLog(AuditLog audit, TimeProvider clock) : BackgroundService
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

    /// <summary>After the last request, and before <see cref="AuditLog"/> writes its last events.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await FlushAsync();
        }
    }

    private ValueTask FlushAsync()
    {
        var now = clock.GetUtcNow();
        return audit.WriteAsync([.. _tally.Take().Select(r => Event(r.Key, r.Value, now))]);
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
