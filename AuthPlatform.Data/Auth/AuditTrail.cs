using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace AuthPlatform.Data.Auth;

/// <summary>Adds what an administrator does to the audit, in the transaction that does it: there is no change without its event, and no event without its change.</summary>
public static class AuditTrail
{
    /// <summary>Longer settings are cut, so that one change cannot fill the audit.</summary>
    private const int MaxValueLength = 1000;

    private const int MaxActorLength = 200;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What never leaves its row, and what changes by itself.</summary>
    private static readonly HashSet<string> Unaudited =
        [nameof(Application.RefreshKeyEncrypted), nameof(Application.RefreshKeyEncryptionKey), nameof(Application.BootstrapSecretHash), nameof(Application.UpdatedAt), nameof(Application.Version)];

    /// <summary>
    /// Adds an event for each pending change of an application and its secrets, with the settings before and after. Call it right before
    /// <c>SaveChangesAsync</c>, which writes both; when nothing is pending, it adds nothing.
    /// </summary>
    /// <param name="database">What the application was read from, or added to.</param>
    /// <param name="application">The application.</param>
    /// <param name="actor">Who does it, such as <c>cli:name</c> or an administrator's name; longer ones than 200 characters are cut.</param>
    /// <param name="now">When.</param>
    /// <param name="address">Where the administrator is, if that is known.</param>
    public static void AuditChanges(this AuthDbContext database, Application application, string actor, DateTimeOffset now, string? address = null)
    {
        var secrets = database.ChangeTracker.Entries<ApplicationSecret>().Where(s => s.Entity.ApplicationId == application.Id).ToList();
        var entry = database.Entry(application);
        switch (entry.State)
        {
            case EntityState.Added:
                Add(AuditKinds.ApplicationCreated, new { application.Name });
                break;
            case EntityState.Deleted:
                Add(AuditKinds.ApplicationDeleted, new { application.Name });
                return;
            case EntityState.Modified when Changes(entry) is { Count: > 0 } changes:
                Add(AuditKinds.ApplicationChanged, changes);
                break;
        }

        foreach (var secret in secrets)
        {
            switch (secret.State)
            {
                case EntityState.Added:
                    Add(AuditKinds.SecretAdded, new { secret.Entity.Slot });
                    break;
                case EntityState.Deleted:
                    Add(AuditKinds.SecretRemoved, new { secret.Entity.Slot });
                    break;
                case EntityState.Modified when secret.Property(s => s.ExpiresAt).IsModified:
                    Add(AuditKinds.SecretExpiryChanged, new { secret.Entity.Slot, secret.Entity.ExpiresAt });
                    break;
            }
        }

        void Add(string kind, object details) => database.AuditEvents.Add(Event(kind, application, actor, now, address, details));
    }

    /// <summary>An event about an application, for what is no change of its row, such as a rotated key.</summary>
    /// <param name="kind">One of <see cref="AuditKinds"/>.</param>
    /// <param name="application">The application.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="now">When.</param>
    /// <param name="address">Where the administrator is, if that is known.</param>
    /// <param name="details">Becomes a JSON object with names in snake_case; null for none.</param>
    public static AuditEvent Event(string kind, Application application, string actor, DateTimeOffset now, string? address = null, object? details = null) =>
        Event(kind, (application.Id, application.ClientId), actor, now, address, details);

    /// <summary>An event that is about no application, such as an invitation of an administrator.</summary>
    /// <param name="kind">One of <see cref="AuditKinds"/>.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="now">When.</param>
    /// <param name="address">Where the administrator is, if that is known.</param>
    /// <param name="details">Becomes a JSON object with names in snake_case; null for none.</param>
    public static AuditEvent Event(string kind, string actor, DateTimeOffset now, string? address = null, object? details = null) =>
        Event(kind, ((Guid?)null, (string?)null), actor, now, address, details);

    private static AuditEvent Event(string kind, (Guid? Id, string? ClientId) application, string actor, DateTimeOffset now, string? address, object? details) => new()
    {
        OccurredAt = now,
        Id = Guid.CreateVersion7(now),
        ApplicationId = application.Id,
        ClientId = application.ClientId,
        Kind = kind,
        Actor = actor.Length <= MaxActorLength ? actor : actor[..MaxActorLength],
        Address = address,
        Details = details is null ? null : JsonSerializer.Serialize(details, Json),
    };

    private static Dictionary<string, Change> Changes(EntityEntry<Application> entry) => entry.Properties
        .Where(p => p.IsModified && !Unaudited.Contains(p.Metadata.Name))
        .ToDictionary(p => p.Metadata.Name, p => new Change(Cut(p.OriginalValue), Cut(p.CurrentValue)));

    private static object? Cut(object? value)
    {
        var text = value is string[] list ? string.Join(", ", list) : value as string;
        return text is null ? value : text.Length <= MaxValueLength ? text : text[..MaxValueLength] + "…";
    }

    private sealed record Change(object? Before, object? After);
}
