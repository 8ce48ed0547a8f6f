using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.ServiceDefaults;

/// <summary>What is gathered after the last regular time is written down before the service is gone.</summary>
public sealed class PeriodicWriterTests
{
    [Fact]
    public async Task Writer_ThatIsStopped_WritesOnceMoreForAsLongAsTheHostWaits()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var writer = new Writer(new FakeTimeProvider());
        await writer.StartAsync(TestContext.Current.CancellationToken);

        await writer.StopAsync(patience.Token);

        Assert.Equal(patience.Token, Assert.Single(writer.Flushes));
    }

    private sealed class Writer(TimeProvider clock) : PeriodicWriter(TimeSpan.FromSeconds(10), clock)
    {
        public List<CancellationToken> Flushes { get; } = [];

        protected override Task FlushAsync(CancellationToken cancellationToken)
        {
            Flushes.Add(cancellationToken);
            return Task.CompletedTask;
        }
    }
}
