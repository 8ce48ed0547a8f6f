namespace AuthPlatform.Gateway.Tls;

/// <summary>The certificate of the gateway's https addresses, as PEM files.</summary>
internal sealed class TlsOptions
{
    public const string Section = "Tls";

    /// <summary>The certificate, followed by those of the authorities between it and the root.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>Its private key.</summary>
    public string? KeyPath { get; set; }
}
