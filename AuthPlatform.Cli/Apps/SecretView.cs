using System.Globalization;
using AuthPlatform.Cli.Output;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.Cli.Apps;

/// <summary>What may be known of a secret.</summary>
internal sealed record SecretView(int Slot, bool Live, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, string? LastUsedFrom, DateTimeOffset? ExpiresAt)
{
    public static SecretView Of(ApplicationSecret secret, DateTimeOffset now) =>
        new(secret.Slot, secret.IsLive(now), secret.CreatedAt, secret.LastUsedAt, secret.LastUsedFrom, secret.ExpiresAt);

    public static void Write(TextWriter output, IReadOnlyList<SecretView> secrets) => Table.Write(
        output,
        ["SECRET", "STATE", "CREATED", "LAST USED", "FROM", "EXPIRES"],
        secrets.Select(s => new[]
        {
            $"slot {s.Slot.ToString(CultureInfo.InvariantCulture)}",
            s.Live ? "live" : "expired",
            Text.Time(s.CreatedAt),
            s.LastUsedAt is null ? "never" : Text.Time(s.LastUsedAt),
            s.LastUsedFrom ?? "-",
            s.ExpiresAt is null ? "never" : Text.Time(s.ExpiresAt),
        }));
}
