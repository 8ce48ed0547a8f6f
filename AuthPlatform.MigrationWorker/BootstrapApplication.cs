using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthPlatform.MigrationWorker;

/// <summary>
/// Sees to it that the configured application exists, and adds its configured secret once. What administrators changed of it stays: a secret that they expired or removed, perhaps
/// because it had leaked, does not come back with the next upgrade.
/// </summary>
internal sealed partial class BootstrapApplication(
    AuthDbContext auth,
    KeysDbContext keys,
    EnvelopeCipher cipher,
    IOptions<BootstrapOptions> options,
    TimeProvider clock,
    ILogger<BootstrapApplication> logger)
{
    private const int HashIterations = 210_000;

    private readonly string _clientId = options.Value.ClientId;

    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var application = await auth.Applications.Include(a => a.Secrets).SingleOrDefaultAsync(a => a.ClientId == _clientId, cancellationToken);
        if (application is null)
        {
            application = NewApplication(now);
            auth.Applications.Add(application);
            Log.Created(logger, _clientId);
        }

        EnsureSecret(application, now);
        auth.AuditChanges(application, "migration-worker", now);
        await auth.SaveChangesAsync(cancellationToken);
        await keys.RegisterAsync(_clientId, now, cancellationToken);
    }

    private Application NewApplication(DateTimeOffset now)
    {
        var application = ApplicationRegistration.NewApplication(_clientId, "Bootstrap application", cipher, now);
        // The quick start shows both kinds of signature with this application; every other new one takes version 2 only.
        application.MinimumSignatureVersion = 1;
        if (options.Value.OldClientId == _clientId)
        {
            // Its clients know the claims and the form of refresh tokens of the older service, too, as those of an imported application do.
            (application.ClaimsProfile, application.RefreshFormat) = (ClaimsProfiles.Seed, RefreshFormats.Jwt);
        }

        application.AccessLifetimeSeconds = options.Value.AccessLifetimeSeconds;
        application.RefreshIdleSeconds = options.Value.RefreshIdleSeconds;
        application.RefreshAbsoluteSeconds = Math.Max(application.RefreshAbsoluteSeconds, application.RefreshIdleSeconds);
        return application;
    }

    private void EnsureSecret(Application application, DateTimeOffset now)
    {
        var configured = Encoding.UTF8.GetBytes(options.Value.ClientSecret);
        var hash = Rfc2898DeriveBytes.Pbkdf2(configured, application.Id.ToByteArray(bigEndian: true), HashIterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        var last = application.BootstrapSecretHash;
        application.BootstrapSecretHash = hash;
        var stored = application.Secrets.Where(secret => secret.Holds(cipher, options.Value.ClientSecret)).ToList();
        if (stored.Any(secret => secret.IsLive(now)))
        {
            Log.Unchanged(logger, _clientId);
            return;
        }

        // Without a hash nothing is known of what was added, as when the application was made by an administrator, or before hashes were kept: rather one secret too few, of
        // which this warns, than one too many.
        var wasAdded = last is null ? application.Secrets.Any(secret => secret.IsLive(now)) : CryptographicOperations.FixedTimeEquals(last, hash);
        if (wasAdded || stored.Count > 0)
        {
            Log.StaysOut(logger, _clientId);
            return;
        }

        // The configured secret wins, and the newer of two others keeps working.
        var slot = ApplicationRegistration.FreeSlot(application.Secrets, now) ?? application.Secrets.MinBy(secret => secret.CreatedAt)!.Slot;
        if (application.Secrets.FirstOrDefault(secret => secret.Slot == slot) is { } replaced)
        {
            application.Secrets.Remove(replaced);
            Log.SecretReplaced(logger, _clientId, replaced.CreatedAt);
        }

        application.Secrets.Add(ApplicationRegistration.NewSecret(application.Id, slot, options.Value.ClientSecret, cipher, now));
        application.UpdatedAt = now;
        Log.SecretAdded(logger, _clientId, slot);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Created the bootstrap application {ClientId}")]
        public static partial void Created(ILogger logger, string clientId);

        [LoggerMessage(2, LogLevel.Information, "The configured secret of {ClientId} is one of its secrets already")]
        public static partial void Unchanged(ILogger logger, string clientId);

        [LoggerMessage(3, LogLevel.Information, "Added the configured secret of {ClientId} in slot {Slot}")]
        public static partial void SecretAdded(ILogger logger, string clientId, short slot);

        [LoggerMessage(5, LogLevel.Warning, "The configured secret of {ClientId} is none of its live ones, and is not added: as far as is known, administrators have expired or removed it. Configure the one that is used now (Bootstrap__ClientSecret), or another new one to have that added")]
        public static partial void StaysOut(ILogger logger, string clientId);

        [LoggerMessage(4, LogLevel.Warning, "Removed the secret of {ClientId} from {CreatedAt:u}: an application has at most two, and the configured one is needed")]
        public static partial void SecretReplaced(ILogger logger, string clientId, DateTimeOffset createdAt);
    }
}
