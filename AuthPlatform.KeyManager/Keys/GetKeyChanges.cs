using AuthPlatform.Contracts;

namespace AuthPlatform.KeyManager.Keys;

/// <summary><c>GET /internal/keys/changes</c>: the version of all keys, and whose signatures are refused. Token APIs ask twice a second; it is answered from memory.</summary>
internal sealed class GetKeyChanges(KeyRing ring)
{
    public Task HandleAsync(HttpContext context) =>
        KeyProblems.WriteAsync(context, new KeysVersion(ring.Version, ring.Revoked), KeyContractsJson.Default.KeysVersion);
}
