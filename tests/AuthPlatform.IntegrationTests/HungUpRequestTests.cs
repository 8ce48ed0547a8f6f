using System.Diagnostics.Metrics;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AuthPlatform.IntegrationTests;

/// <summary>What the request of somebody who has hung up has done is seen all the same.</summary>
public sealed class HungUpRequestTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reuse_ByAThiefWhoHasHungUp_EndsTheSessionAndIsCounted()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        await platform.RefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation);
        await platform.AgeSessionAsync(issued.Text("session_id"), 31, Cancellation);
        await using var replica = await platform.BuildTokenApiAsync(TimeProvider.System, Cancellation);
        var application = await replica.Services.GetRequiredService<ApplicationSnapshots>().FindAsync(platform.Bootstrap.ClientId, Cancellation);
        var rotation = replica.Services.GetRequiredService<RotateRefreshToken>();

        // Telling others is given up then, as a rule.
        var hungUp = new CancellationToken(canceled: true);
        _ = await Record.ExceptionAsync(() => rotation.RotateAsync(application!, issued.Text("refresh_token"), device: "", ip: "", caller: null, hungUp));

        Assert.Equal(1, Reuses(replica));
        var id = Guid.Parse(issued.Text("session_id"));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.False(await database.Sessions.AnyAsync(session => session.Id == id, Cancellation));
    }

    private static long Reuses(WebApplication replica)
    {
        var (meters, reuses) = (replica.Services.GetRequiredService<IMeterFactory>(), 0L);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "authplatform.sessions.refresh_reuses" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => reuses = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return reuses;
    }
}
