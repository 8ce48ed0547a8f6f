using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Identity;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>Passkeys by the framework's own handler; what it has to remember between its two steps is kept in a protected cookie.</summary>
internal sealed class Passkeys(
    IPasskeyHandler<Administrator> handler, UserManager<Administrator> administrators, ProtectedCookie cookie, SignInDelays delays, IHttpContextAccessor accessor, AccountAudit audit)
{
    private const string Creating = "passkey-new";
    private const string Using = "passkey";
    private const int MaxCredentialLength = 16 * 1024;
    private const int MaxTransports = 16;
    private const int MaxTransportLength = 32;

    /// <summary>What the browser needs for making a passkey, as JSON.</summary>
    public async Task<string> OfferAsync(Administrator administrator)
    {
        var entity = new PasskeyUserEntity { Id = administrator.Id.ToString(), Name = administrator.UserName, DisplayName = administrator.UserName };
        var options = await handler.MakeCreationOptionsAsync(entity, accessor.HttpContext!);
        cookie.Write(Creating, options.AttestationState ?? "");
        return options.CreationOptionsJson;
    }

    /// <summary>Keeps the passkey that the browser made; false when it cannot be believed.</summary>
    public async Task<bool> AddAsync(Administrator administrator, string? credential, string name)
    {
        if (credential is not { Length: > 0 and <= MaxCredentialLength } || cookie.Read(Creating) is not { } state)
        {
            return false;
        }

        cookie.Delete(Creating);
        var result = await handler.PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = accessor.HttpContext!, CredentialJson = credential, AttestationState = state });
        if (!result.Succeeded || result.UserEntity.Id != administrator.Id.ToString() || !AreWords(result.Passkey.Transports))
        {
            return false;
        }

        result.Passkey.Name = name;
        audit.Add(AuditKinds.UserPasskeyAdded, administrator, new { Passkey = name });
        return (await administrators.AddOrUpdatePasskeyAsync(administrator, result.Passkey)).Succeeded;
    }

    /// <summary>What the browser needs for using a passkey, as JSON: any of its own that was made here, so the answer tells nothing about names.</summary>
    public async Task<string> AskAsync(Administrator? administrator)
    {
        var options = await handler.MakeRequestOptionsAsync(administrator, accessor.HttpContext!);
        cookie.Write(Using, options.AssertionState ?? "");
        return options.RequestOptionsJson;
    }

    /// <summary>Whose passkey answered; null when that cannot be believed.</summary>
    public async Task<Administrator?> ProveAsync(string? credential, CancellationToken cancellationToken)
    {
        if (credential is not { Length: > 0 and <= MaxCredentialLength } || cookie.Read(Using) is not { } state)
        {
            return null;
        }

        // The browser forgets the challenge; whoever kept a copy of both must not use them again.
        cookie.Delete(Using);
        if (!await delays.IsFirstAsync("challenge", state, cancellationToken))
        {
            return null;
        }

        var result = await handler.PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = accessor.HttpContext!, CredentialJson = credential, AssertionState = state });
        return result.Succeeded && (await administrators.AddOrUpdatePasskeyAsync(result.User, result.Passkey)).Succeeded ? result.User : null;
    }

    /// <summary>
    /// How it can be reached is said in a handful of short words, of which new ones may come. Nobody has looked at these: they are the one text of a passkey that is kept as it was
    /// sent, and PostgreSQL has no place for U+0000.
    /// </summary>
    private static bool AreWords(string[]? transports) =>
        transports is null || (transports.Length <= MaxTransports && transports.All(word => word is { Length: <= MaxTransportLength } && !word.Any(char.IsControl)));
}
