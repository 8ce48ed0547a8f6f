using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>A certificate and its key in files, as an operator's certificate tool leaves them. They vanish with the test.</summary>
internal sealed class TestCertificate : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("authplatform-tls-");

    public TestCertificate() => Thumbprint = Renew();

    public string Thumbprint { get; private set; }

    public string CertificatePath => Path.Combine(_folder.FullName, "tls.crt");

    public string KeyPath => Path.Combine(_folder.FullName, "tls.key");

    /// <summary>Replaces both files, and gives the thumbprint of the new certificate.</summary>
    public string Renew()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=auth.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificatePath, certificate.ExportCertificatePem());
        return Thumbprint = certificate.GetCertHashString();
    }

    /// <summary>Whether a server has shown this certificate, which nobody has signed.</summary>
    public bool IsThis(X509Certificate? shown) => shown?.GetCertHashString() == Thumbprint;

    public void Dispose() => _folder.Delete(recursive: true);
}
