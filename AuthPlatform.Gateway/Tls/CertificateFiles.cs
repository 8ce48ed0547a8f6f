using System.Diagnostics.Metrics;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace AuthPlatform.Gateway.Tls;

/// <summary>
/// Serves the certificate that lies in the files now. They are looked at once a second at most, by their times, which works for replaced files and swapped links
/// alike; the server's own way would close the port for some seconds at each renewal.
/// </summary>
internal sealed partial class CertificateFiles(IOptions<TlsOptions> options, TimeProvider clock, IMeterFactory meters, ILogger<CertificateFiles> logger) : IConfigureOptions<KestrelServerOptions>
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _reading = new();
    private volatile SslStreamCertificateContext? _current;
    private (DateTime Certificate, DateTime Key) _read;
    private (bool IsTold, (DateTime, DateTime)? Times) _unreadable;
    private long _looked;

    public void Configure(KestrelServerOptions kestrel)
    {
        if (options.Value.CertificatePath is null || options.Value.KeyPath is null)
        {
            return;
        }

        kestrel.ConfigureHttpsDefaults(https =>
        {
            // The selector only says that there is a certificate; the context carries those of the authorities too.
            https.ServerCertificateSelector = (_, _) => Current().TargetCertificate;
            https.OnAuthenticate = (_, authentication) =>
            {
                authentication.ServerCertificateSelectionCallback = null;
                authentication.ServerCertificateContext = Current();
            };
        });
    }

    /// <summary>Reads the files for the first time.</summary>
    /// <exception cref="OptionsValidationException">They hold no certificate with its key.</exception>
    public Task ReadFirstAsync()
    {
        var (certificate, key) = (options.Value.CertificatePath, options.Value.KeyPath);
        if ((certificate is null) != (key is null))
        {
            throw Refusal("Tls:CertificatePath and Tls:KeyPath are needed together.");
        }

        if (certificate is not null)
        {
            try
            {
                _read = Times();
                _current = Read();
                Log.Served(logger, _current.TargetCertificate.Subject, Expires);
                meters.Create(GatewayMetrics.MeterName).CreateObservableGauge(
                    "authplatform.gateway.certificate.expires",
                    () => new DateTimeOffset(Current().TargetCertificate.NotAfter).ToUnixTimeSeconds(),
                    "s",
                    "When the certificate that is served expires, in Unix time.");
            }
            catch (Exception exception) when (IsUnreadable(exception))
            {
                throw Refusal($"Tls: {certificate} and {key} are no certificate and its key in PEM: {exception.Message}");
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>The certificate that is served now, with those of its authorities.</summary>
    public SslStreamCertificateContext Current()
    {
        if (clock.GetElapsedTime(Volatile.Read(ref _looked)) >= Period && _reading.TryEnter())
        {
            try
            {
                Volatile.Write(ref _looked, clock.GetTimestamp());
                ReadAgainIfChanged();
            }
            finally
            {
                _reading.Exit();
            }
        }

        return _current!;
    }

    private void ReadAgainIfChanged()
    {
        (DateTime, DateTime)? times = null;
        try
        {
            times = Times();
            if (times != _read)
            {
                _current = Read();
                _read = times.Value;
                Log.Renewed(logger, Expires);
            }

            _unreadable = default;
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            // Half of a renewal, perhaps: the old one serves on. It is read at every look all the same, since its permissions may be what is wrong.
            if (_unreadable != (true, times))
            {
                _unreadable = (true, times);
                Log.Unreadable(logger, exception.Message, Expires);
            }
        }
    }

    private SslStreamCertificateContext Read()
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(options.Value.CertificatePath!);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(options.Value.CertificatePath!, options.Value.KeyPath), chain, offline: true);
    }

    private DateTime Expires => _current!.TargetCertificate.NotAfter.ToUniversalTime();

    private (DateTime, DateTime) Times() => (File.GetLastWriteTimeUtc(Resolve(options.Value.CertificatePath!)), File.GetLastWriteTimeUtc(Resolve(options.Value.KeyPath!)));

    private static string Resolve(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    private static bool IsUnreadable(Exception exception) => exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private static OptionsValidationException Refusal(string reason) => new(TlsOptions.Section, typeof(TlsOptions), [reason]);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The certificate was renewed; it is good until {Until:u}")]
        public static partial void Renewed(ILogger logger, DateTime until);

        [LoggerMessage(2, LogLevel.Error, "The renewed certificate cannot be read, the one before goes on until {Until:u}: {Reason}")]
        public static partial void Unreadable(ILogger logger, string reason, DateTime until);

        [LoggerMessage(3, LogLevel.Information, "The certificate of {Subject} is good until {Until:u}")]
        public static partial void Served(ILogger logger, string subject, DateTime until);
    }
}
