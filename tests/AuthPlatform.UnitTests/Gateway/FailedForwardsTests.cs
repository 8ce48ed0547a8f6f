using AuthPlatform.Gateway.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Yarp.ReverseProxy.Forwarder;

namespace AuthPlatform.UnitTests.Gateway;

public sealed class FailedForwardsTests
{
    /// <summary>Of which replica that was is not even asked: a client that sends slowly what is refused at once could have it told for ever.</summary>
    [Fact]
    public async Task Body_UnderWayWhenItsRefusalCame_IsNoFailureOfTheReplica()
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseFeature>(new Started());
        context.Features.Set<IForwarderErrorFeature>(new Failed());
        var failures = new FailedForwards(new FakeTimeProvider(), NullLogger<FailedForwards>.Instance);
        var isDone = false;

        await failures.InvokeAsync(context, _ =>
        {
            isDone = true;
            return Task.CompletedTask;
        });

        Assert.True(isDone);
    }

    private sealed class Started : HttpResponseFeature
    {
        public override bool HasStarted => true;
    }

    private sealed record Failed : IForwarderErrorFeature
    {
        public ForwarderError Error => ForwarderError.RequestBodyDestination;

        public Exception? Exception => null;
    }
}
