using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthPlatform.Gateway.Tls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.Gateway;

public sealed class CertificateFilesTests : ILogger<CertificateFiles>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("authplatform-tls-");
    private readonly FakeTimeProvider _clock = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<string> _errors = [];

    public void Dispose()
    {
        _services.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("old/tls.crt", "new/tls.key")]
    [InlineData("old/tls.crt", "nowhere/tls.key")]
    [InlineData("nowhere/tls.crt", "old/tls.key")]
    [InlineData("old/tls.key", "old/tls.key")]
    public async Task Start_WithoutACertificateAndItsKey_IsRefused(string certificate, string key)
    {
        Issue("old");
        Issue("new");

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => Files(certificate, key).ReadFirstAsync());
        Assert.Contains("are no certificate and its key in PEM", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>As Kubernetes renews what it mounts: the files are links that stay, by way of the link of a folder, which is swapped.</summary>
    [Fact]
    public async Task Certificate_BehindALinkThatIsSwapped_IsServedFromThenOn()
    {
        var (first, second) = (Issue("old"), Issue("new"));
        File.SetLastWriteTimeUtc(At("new/tls.crt"), File.GetLastWriteTimeUtc(At("old/tls.crt")).AddMinutes(1));
        File.CreateSymbolicLink(At("..data"), "old");
        File.CreateSymbolicLink(At("tls.crt"), "..data/tls.crt");
        File.CreateSymbolicLink(At("tls.key"), "..data/tls.key");
        var files = Files("tls.crt", "tls.key");
        await files.ReadFirstAsync();
        Assert.Equal(first, files.Current().TargetCertificate.GetCertHashString());

        File.Delete(At("..data"));
        File.CreateSymbolicLink(At("..data"), "new");
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(second, files.Current().TargetCertificate.GetCertHashString());
    }

    /// <summary>A tool that writes into the files themselves is looked at in the middle of it, sooner or later.</summary>
    [Fact]
    public async Task Certificate_HalfWritten_IsNotServedUntilItIsWhole()
    {
        var first = Issue("tls");
        var files = Files("tls/tls.crt", "tls/tls.key");
        await files.ReadFirstAsync();
        var written = File.GetLastWriteTimeUtc(At("tls/tls.crt"));

        File.WriteAllText(At("tls/tls.crt"), "half of a renewal");
        File.SetLastWriteTimeUtc(At("tls/tls.crt"), written.AddMinutes(1));
        for (var look = 0; look < 5; look++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(first, files.Current().TargetCertificate.GetCertHashString());
        }

        Assert.StartsWith("The renewed certificate cannot be read, the one before goes on until ", Assert.Single(_errors), StringComparison.Ordinal);

        var second = Issue("tls");
        File.SetLastWriteTimeUtc(At("tls/tls.crt"), written.AddMinutes(2));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(second, files.Current().TargetCertificate.GetCertHashString());
    }

    /// <summary>Whoever forgets to renew it is told before nobody can connect any more.</summary>
    [Fact]
    public async Task Certificate_ThatIsServed_IsMeasuredUntilWhenItIsGood()
    {
        Issue("tls");
        var files = Files("tls/tls.crt", "tls/tls.key");
        await files.ReadFirstAsync();
        var measured = new List<long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, me) =>
        {
            if (instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
            {
                me.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, expires, _, _) => measured.Add(expires));
        listener.Start();

        listener.RecordObservableInstruments();
        Assert.Equal(new DateTimeOffset(files.Current().TargetCertificate.NotAfter).ToUnixTimeSeconds(), Assert.Single(measured));
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _errors.Add(formatter(state, exception));

    private CertificateFiles Files(string certificate, string key) =>
        new(Options.Create(new TlsOptions { CertificatePath = At(certificate), KeyPath = At(key) }), _clock, _services.GetRequiredService<IMeterFactory>(), this);

    /// <summary>Writes a certificate and its key into a folder of their own, and gives the thumbprint.</summary>
    private string Issue(string folder)
    {
        _folder.CreateSubdirectory(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=auth.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(At($"{folder}/tls.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(At($"{folder}/tls.crt"), certificate.ExportCertificatePem());
        return certificate.GetCertHashString();
    }

    private string At(string path) => Path.Combine(_folder.FullName, path);
}
