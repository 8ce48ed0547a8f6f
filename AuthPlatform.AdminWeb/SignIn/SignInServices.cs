using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.Data.Admin;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>Registers how administrators sign in and what they may open.</summary>
internal static class SignInServices
{
    public static void AddSignIn(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddAuthentication(AdministratorSessions.Scheme).AddCookie(AdministratorSessions.Scheme, cookie =>
        {
            cookie.Cookie = new HostCookie("session");
            // The row decides how long a session lives.
            cookie.ExpireTimeSpan = TimeSpan.FromHours(24);
            cookie.SlidingExpiration = false;
            cookie.Events.OnValidatePrincipal = context => context.HttpContext.RequestServices.GetRequiredService<AdministratorSessions>().ValidateAsync(context);
        });
        // Whoever forgets to say who may open a page has said: those who are signed in completely.
        services.AddAuthorization(authorization => authorization.FallbackPolicy = new AuthorizationPolicyBuilder().AddRequirements(new AccessAttribute()).Build());
        services.AddSingleton<IAuthorizationHandler, AccessHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessAnswer>();

        services.AddIdentityCore<Administrator>(identity =>
            {
                // Our own validators say what a password and a name must be like.
                identity.User.AllowedUserNameCharacters = "";
                identity.Password = new PasswordOptions { RequiredLength = 1, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false, RequiredUniqueChars = 1 };
            })
            .AddUserStore<AdministratorStore>();
        services.RemoveAll<IPasswordValidator<Administrator>>();
        services.AddScoped<IPasswordValidator<Administrator>, CommonPasswords>();
        services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = 210_000);
        services.AddOptions<IdentityPasskeyOptions>().Configure<IOptions<AdminOptions>>((passkeys, admin) =>
        {
            var address = new Uri(admin.Value.PublicUrl);
            passkeys.ServerDomain = address.Host;
            // The framework compares with the request's own Origin header, which whoever sends the request chooses.
            passkeys.ValidateOrigin = context => ValueTask.FromResult(!context.CrossOrigin && context.Origin == address.GetLeftPart(UriPartial.Authority));
            passkeys.UserVerificationRequirement = "required";
            passkeys.ResidentKeyRequirement = "required";
        });
        services.AddScoped<IPasskeyHandler<Administrator>, PasskeyHandler<Administrator>>();

        services.AddScoped<AccountAudit>();
        services.AddScoped<AdministratorSessions>();
        services.AddScoped<SetupLinks>();
        services.AddScoped<ProtectedCookie>();
        services.AddScoped<PendingSignIn>();
        services.AddScoped<SecondFactor>();
        services.AddScoped<Passkeys>();
        services.AddScoped<PasswordSignIn>();
        services.AddSingleton<SignInDelays>();
        services.AddSingleton<SignInRefusals>();
        services.AddSingleton<GuardedTry>();
        services.AddHostedService(provider => provider.GetRequiredService<SignInRefusals>());
        services.AddHostedService<AnnounceFirstSetup>();
    }
}
