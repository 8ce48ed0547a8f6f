using System.Diagnostics.Metrics;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AuthPlatform.IntegrationTests;

/// <summary>A client that has had no patience for the answer to its revocation.</summary>
public sealed class HungUpRevocationTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Revoke_ByACallerWhoHasHungUp_EndsTheSessionAndIsCounted()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var id = Guid.Parse(issued.Text("session_id"));
        await using var replica = await platform.BuildTokenApiAsync(TimeProvider.System, Cancellation);
        var application = await replica.Services.GetRequiredService<ApplicationSnapshots>().FindAsync(platform.Bootstrap.ClientId, Cancellation);
        var (meters, counted) = (replica.Services.GetRequiredService<IMeterFactory>(), 0L);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "authplatform.sessions.revoked" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => counted += value);
        listener.Start();

        // Telling others is given up then, as a rule.
        var hungUp = new CancellationToken(canceled: true);
        var revocation = replica.Services.GetRequiredService<RevokeTokens>();
        _ = await Record.ExceptionAsync(() => revocation.RevokeSessionsAsync(application!, [id], caller: null, hungUp));

        Assert.Equal(1, counted);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.False(await database.Sessions.AnyAsync(session => session.Id == id, Cancellation));
    }
}
