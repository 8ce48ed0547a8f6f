using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>What somebody looks for. Values that are none of a field's are as if it was left empty.</summary>
internal sealed record ApplicationSearch(string? Q, string? Owner, string? State, DateOnly? From, DateOnly? To)
{
    private const int MaxLength = 100;

    public bool IsNarrowed => !string.IsNullOrEmpty(Q) || !string.IsNullOrEmpty(Owner) || State is "enabled" or "disabled" || From is not null || To is not null;

    /// <summary>Days are those of the administrator's zone.</summary>
    public IQueryable<Application> Apply(IQueryable<Application> applications, AuthDbContext database, TimeZoneInfo zone)
    {
        if (Q is { Length: > 0 and <= MaxLength })
        {
            var pattern = $"%{Escape(Q.Trim())}%";
            applications = applications.Where(a => EF.Functions.ILike(a.Name, pattern, "\\") || EF.Functions.ILike(a.ClientId, pattern, "\\"));
        }

        if (Owner is { Length: > 0 and <= MaxLength })
        {
            var owner = Owner.Trim().ToUpperInvariant();
            applications = applications.Where(a => database.ApplicationOwners.Any(o => o.ApplicationId == a.Id && database.Administrators.Any(m => m.Id == o.AdministratorId && m.NormalizedUserName == owner)));
        }

        applications = State switch
        {
            "enabled" => applications.Where(a => a.Enabled),
            "disabled" => applications.Where(a => !a.Enabled),
            _ => applications,
        };
        if (From is { } from)
        {
            var start = Start(from, zone);
            applications = applications.Where(a => a.CreatedAt >= start);
        }

        if (To is { } to && to < DateOnly.MaxValue)
        {
            var end = Start(to.AddDays(1), zone);
            applications = applications.Where(a => a.CreatedAt < end);
        }

        return applications;
    }

    /// <summary>What is looked for has no wildcards: nobody makes the database try all ways to match.</summary>
    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    private static DateTimeOffset Start(DateOnly day, TimeZoneInfo zone)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Unspecified);
        // Near the ends of the calendar there is no room for an offset.
        return day.Year is < 2 or > 9998 ? new DateTimeOffset(midnight, TimeSpan.Zero) : new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)).ToUniversalTime();
    }
}
