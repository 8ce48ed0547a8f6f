using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.Hosting;

/// <summary>Nobody waits in silence for what will not come.</summary>
public sealed class DependenciesTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ResourceNotificationService _notifications = new(Options.Create(new ResourceNotificationServiceOptions()));
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>();
    private readonly ContainerResource _store = new("postgres");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("FailedToStart", "failed to start")]
    [InlineData("Exited", "has ended")]
    public async Task Wait_ForAStoreThatIsNotThereAnyMore_SaysSoOnceAndGoesOnWhenItIsBack(string state, string expected)
    {
        Publish(state);
        var wait = WaitAsync();
        Assert.StartsWith($"waits for postgres, which {expected}", await _told.Reader.ReadAsync(Cancellation), StringComparison.Ordinal);

        Publish(state);
        Publish(KnownResourceStates.Running);
        await wait;

        Assert.False(_told.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Wait_ForTenSeconds_NamesWhatItIsFor()
    {
        var wait = WaitAsync();
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("still waits for postgres", await _told.Reader.ReadAsync(Cancellation));

        Publish(KnownResourceStates.Running);
        await wait;
    }

    private Task WaitAsync()
    {
        var service = new ProjectResource("migrations") { Annotations = { new WaitAnnotation(_store, WaitType.WaitUntilHealthy) } };
        return Dependencies.WaitAsync(service, _notifications, () => { }, what => _told.Writer.TryWrite(what), _clock, Cancellation);
    }

    private void Publish(string state) => _notifications.Publish(_store, _store.Name, s => s with { State = state, Ready = state == KnownResourceStates.Running ? Task.CompletedTask : null });
}
