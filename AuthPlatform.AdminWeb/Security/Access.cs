using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using Microsoft.AspNetCore.Authorization;

namespace AuthPlatform.AdminWeb.Security;

/// <summary>
/// Who may open a page and who may press its buttons. Every page says this or that it is for anybody; a test holds it. Without roles, everybody who is signed
/// in completely may; an administrator may always.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class AccessAttribute : AuthorizeAttribute, IAuthorizationRequirement, IAuthorizationRequirementData
{
    /// <summary>Roles that may look; null lets everybody.</summary>
    public string[]? View { get; init; }

    /// <summary>Roles that may also act; null is those that may look.</summary>
    public string[]? Act { get; init; }

    /// <summary>Whether owners of the application may, too. The page then finds only their applications.</summary>
    public bool Owners { get; init; }

    /// <summary>Whether the person must have proved within the last minutes who they are.</summary>
    public bool Recent { get; init; }

    /// <summary>The same for acting only: whoever looks need not prove it.</summary>
    public bool RecentToAct { get; init; }

    /// <summary>For pages by which somebody gets a second factor, and those that must work before.</summary>
    public bool Incomplete { get; init; }

    public IEnumerable<IAuthorizationRequirement> GetRequirements() => [this];
}

/// <summary>What is missing, for the answer.</summary>
internal enum Missing
{
    SignIn,
    SecondFactor,
    Approval,
    Role,
    RecentProof,
}

internal sealed class AccessHandler(IHttpContextAccessor accessor, Microsoft.Extensions.Options.IOptions<AdminOptions> options, TimeProvider clock)
    : AuthorizationHandler<AccessAttribute>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AccessAttribute requirement)
    {
        if (Find(accessor.HttpContext!, requirement) is { } missing)
        {
            context.Fail(new AuthorizationFailureReason(this, missing.ToString()));
        }
        else
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }

    private Missing? Find(HttpContext context, AccessAttribute access)
    {
        if (context.Features.Get<CurrentAdministrator>() is not { } current)
        {
            return Missing.SignIn;
        }

        if (access.Incomplete)
        {
            return null;
        }

        if (!current.HasSecondFactor)
        {
            return Missing.SecondFactor;
        }

        if (!current.IsApproved)
        {
            return Missing.Approval;
        }

        var isLook = context.Request.IsLook();
        var roles = isLook ? access.View : access.Act ?? access.View;
        if (roles is not null && !access.Owners && !current.IsIn(AdministratorRoles.Administrator) && !current.IsIn(roles))
        {
            return Missing.Role;
        }

        var isRecentNeeded = access.Recent || (access.RecentToAct && !isLook);
        return isRecentNeeded && !current.IsRecent(clock.GetUtcNow(), options.Value) ? Missing.RecentProof : null;
    }
}
