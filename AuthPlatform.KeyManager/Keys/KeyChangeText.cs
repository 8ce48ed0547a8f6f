using AuthPlatform.Contracts;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>What a plan that was carried out has changed, in words.</summary>
internal static class KeyChangeText
{
    /// <param name="plan">What was carried out, and was not nothing.</param>
    /// <param name="active">The key that signs since then.</param>
    /// <param name="next">The next key since then.</param>
    /// <param name="now">When it happened.</param>
    public static string Of(KeyPlan plan, string? active, string? next, DateTimeOffset now)
    {
        List<string> changes = [];
        if (plan.Promote is not null || plan.CreateActive)
        {
            changes.Add($"{active} signs from now on");
        }

        if (plan is { Supersede: { } old, SupersededUntil: { } until })
        {
            changes.Add(until > now ? $"{old.Kid} stays published until {UtcText.Seconds(until)}" : $"{old.Kid} is refused from now on");
        }

        if (plan.CreateNext)
        {
            changes.Add($"{next} is announced");
        }

        return string.Join(", ", changes);
    }
}
