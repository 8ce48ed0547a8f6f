using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Data.Keys;

/// <summary>Makes an application known to the Key Manager, which then makes the keys that it lacks.</summary>
public static class KeyRegistration
{
    private const string Insert = "INSERT INTO key_applications (client_id, created_at) VALUES ", UnlessKnown = " ON CONFLICT (client_id) DO NOTHING";

    /// <summary>For whoever does without Entity Framework: <c>$1</c> is the client id, <c>$2</c> the time.</summary>
    public const string Sql = Insert + "($1, $2)" + UnlessKnown;

    /// <summary>Registers it; false when it is known already.</summary>
    public static async Task<bool> RegisterAsync(this KeysDbContext database, string clientId, DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.Database.ExecuteSqlRawAsync(Insert + "({0}, {1})" + UnlessKnown, [clientId, now], cancellationToken) == 1;
}
