namespace AuthPlatform.Data.Auth;

/// <summary>The values of <see cref="AuditEvent.Kind"/>; at most 32 characters, and never renamed. Sessions end under the names of <see cref="RevocationReasons"/>.</summary>
public static class AuditKinds
{
    /// <summary>A session started, or a client got a token for itself.</summary>
    public const string Issued = "issued";

    /// <summary>A session moved on; with <see cref="Repeated"/> as its code when it had moved on already and the answer was given again.</summary>
    public const string Refreshed = "refreshed";

    /// <summary>The code of a refresh that was answered again within its grace.</summary>
    public const string Repeated = "repeated";

    /// <summary>A replaced refresh token came back, and its session was ended.</summary>
    public const string RefreshReuseDetected = RevocationReasons.RefreshReuse;

    /// <summary>A session, or a token without one, was ended by its application or an administrator.</summary>
    public const string Revoked = RevocationReasons.Revoked;

    /// <summary>A session ended because its user signed in again, or moved, in its place.</summary>
    public const string Replaced = RevocationReasons.Replaced;

    /// <summary>A session ended because its user has more than the application allows.</summary>
    public const string Evicted = RevocationReasons.Evicted;

    /// <summary>Requests were refused; <see cref="AuditEvent.Count"/> says how many, the code why, and <c>endpoint</c> in the details where.</summary>
    public const string Rejected = "rejected";

    /// <summary>An application was registered.</summary>
    public const string ApplicationCreated = "application_created";

    /// <summary>Settings of an application were changed; the details have each before and after.</summary>
    public const string ApplicationChanged = "application_changed";

    /// <summary>An application was deleted.</summary>
    public const string ApplicationDeleted = "application_deleted";

    /// <summary>An application got a further secret; the details have its slot.</summary>
    public const string SecretAdded = "secret_added";

    /// <summary>A secret was given an end, or another one.</summary>
    public const string SecretExpiryChanged = "secret_expiry_changed";

    /// <summary>A secret was deleted.</summary>
    public const string SecretRemoved = "secret_removed";

    /// <summary>Somebody became an owner of an application; the details have the user name.</summary>
    public const string OwnerAdded = "owner_added";

    /// <summary>Somebody is no owner of an application any more.</summary>
    public const string OwnerRemoved = "owner_removed";

    /// <summary>An application's next signing key became the active one.</summary>
    public const string KeyRotated = "key_rotated";

    /// <summary>A signing key was revoked, and with it whatever it signed.</summary>
    public const string KeyRevoked = "key_revoked";

    /// <summary>A signing key whose private part no encryption key opens was given up; the details name it and the state it had. A next one is gone, an active one signs no more.</summary>
    public const string KeyLost = "key_lost";

    /// <summary>An application got another key for its refresh tokens because no encryption key opened the one before: none that it had issued is good any more.</summary>
    public const string RefreshKeyRenewed = "refresh_key_renewed";

    /// <summary>Keys that were made elsewhere were added; the details name them.</summary>
    public const string KeysImported = "keys_imported";

    /// <summary>Keys were written to an encrypted file, private parts included; the details name them.</summary>
    public const string KeysExported = "keys_exported";

    /// <summary>Somebody was invited to the administrators' pages; the details have the user name and the roles.</summary>
    public const string UserInvited = "user_invited";

    /// <summary>Somebody got a new set-up link.</summary>
    public const string UserLinkMade = "user_link_made";

    /// <summary>Somebody was let in.</summary>
    public const string UserApproved = "user_approved";

    /// <summary>Somebody was shut out.</summary>
    public const string UserSuspended = "user_suspended";

    /// <summary>Somebody who was shut out was let in again.</summary>
    public const string UserResumed = "user_resumed";

    /// <summary>Somebody's roles were changed; the details have them before and after.</summary>
    public const string UserRolesChanged = "user_roles_changed";

    /// <summary>Somebody's second factors were taken away, so that they set up new ones; where the details have a factor, that one alone.</summary>
    public const string UserFactorReset = "user_factor_reset";

    /// <summary>Keys of the administrators' cookies that no encryption key opens were removed; the details name them.</summary>
    public const string CookieKeysRemoved = "cookie_keys_removed";

    /// <summary>An administrator ended all sessions that a search found; the details have the search and how many it were. Each session has its own event besides.</summary>
    public const string SessionsEnded = "sessions_ended";

    /// <summary>An administrator downloaded a part of the audit; the details have the search.</summary>
    public const string AuditDownloaded = "audit_downloaded";

    /// <summary>Somebody signed in to the administrators' pages, or proved again who they are; the details say how.</summary>
    public const string UserSignedIn = "user_signed_in";

    /// <summary>Somebody signed out.</summary>
    public const string UserSignedOut = "user_signed_out";

    /// <summary>Somebody ended sessions of their own in other browsers; the details say how many.</summary>
    public const string UserSessionsEnded = "user_sessions_ended";

    /// <summary>Somebody used their set-up link and has a password now; the first administrator comes to be by it.</summary>
    public const string UserSetUp = "user_set_up";

    /// <summary>Sign-ins to the administrators' pages, or new proofs there, were refused; <see cref="AuditEvent.Count"/> says how many, the code why, and the details whose, if there is such a person.</summary>
    public const string UserRefused = "user_refused";

    /// <summary>Somebody changed their own password.</summary>
    public const string UserPasswordChanged = "user_password_changed";

    /// <summary>Somebody took an authenticator app into use.</summary>
    public const string UserAuthenticatorSet = "user_authenticator_set";

    /// <summary>Somebody got new recovery codes.</summary>
    public const string UserCodesRenewed = "user_codes_renewed";

    /// <summary>Somebody added a passkey; the details have its name.</summary>
    public const string UserPasskeyAdded = "user_passkey_added";

    /// <summary>Somebody removed a passkey of theirs.</summary>
    public const string UserPasskeyRemoved = "user_passkey_removed";
}
