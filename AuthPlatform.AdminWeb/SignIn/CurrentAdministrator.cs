using System.Security.Claims;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>Who sends the request, as the database says at this moment.</summary>
/// <param name="Id">The person.</param>
/// <param name="UserName">Their name.</param>
/// <param name="Roles">Their roles.</param>
/// <param name="IsApproved">Whether somebody let them in.</param>
/// <param name="SessionId">The session.</param>
/// <param name="HasSecondFactor">Whether they signed in with more than a password.</param>
/// <param name="VerifiedAt">When they last proved who they are.</param>
/// <param name="SignedInAt">When the session began.</param>
internal sealed record CurrentAdministrator(
    Guid Id, string UserName, string[] Roles, bool IsApproved, Guid SessionId, bool HasSecondFactor, DateTimeOffset VerifiedAt, DateTimeOffset SignedInAt)
{
    public bool IsIn(params ReadOnlySpan<string> roles) => Roles.AsSpan().ContainsAny(roles);

    /// <summary>Whether they have proved lately who they are.</summary>
    public bool IsRecent(DateTimeOffset now, AdminOptions options) => Age.IsWithin(VerifiedAt, TimeSpan.FromMinutes(options.ConfirmMinutes), now);

    public ClaimsPrincipal ToPrincipal() => new(new ClaimsIdentity(
        [new Claim("sid", SessionId.ToString()), new Claim(ClaimTypes.NameIdentifier, Id.ToString()), new Claim(ClaimTypes.Name, UserName), .. Roles.Select(role => new Claim(ClaimTypes.Role, role))],
        AdministratorSessions.Scheme));
}

internal static class CurrentAdministratorExtensions
{
    /// <summary>On pages that let nobody in without one.</summary>
    public static CurrentAdministrator Administrator(this HttpContext context) =>
        context.Features.Get<CurrentAdministrator>() ?? throw new InvalidOperationException("This page is open to anybody: it must not ask who it is.");
}
