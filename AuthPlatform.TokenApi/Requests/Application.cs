namespace AuthPlatform.TokenApi.Requests;

/// <summary>An application as the request path needs it: decrypted, parsed, immutable.</summary>
internal sealed record Application
{
    public required Guid Id { get; init; }

    public required string ClientId { get; init; }

    /// <summary>The <c>iss</c> of its tokens.</summary>
    public required string Issuer { get; init; }

    public required bool Enabled { get; init; }

    /// <summary>Whether it has live secrets and none of them opens here: nobody can say who calls in its name, and others know its tokens all the same.</summary>
    public bool NoSecretOpens { get; init; }

    public required int MinimumSignatureVersion { get; init; }

    public required AddressAllowList AllowedAddresses { get; init; }

    /// <summary>The secrets that were live when it was read, at most two.</summary>
    public required IReadOnlyList<ApplicationSecret> Secrets { get; init; }

    /// <summary>32 bytes: the HMAC key of this application's refresh tokens: of opaque ones, and of the <c>jti</c> of those that are JWTs.</summary>
    public required byte[] RefreshKey { get; init; }

    public required TimeSpan AccessLifetime { get; init; }

    public required TimeSpan RefreshIdleLifetime { get; init; }

    public required TimeSpan RefreshAbsoluteLifetime { get; init; }

    /// <summary>Refresh tokens as JWT instead of opaque.</summary>
    public required bool RefreshTokensAreJwt { get; init; }

    /// <summary>Access tokens in the shape of the older service: <c>sub</c> = client id, header <c>typ: JWT</c>.</summary>
    public required bool UsesSeedProfile { get; init; }

    /// <summary>The <c>aud</c> of access tokens.</summary>
    public required string Audience { get; init; }

    /// <summary>Client ids of the applications that may verify and introspect its tokens.</summary>
    public required IReadOnlyList<string> ResourceServers { get; init; }

    /// <summary>Whether it lets a caller verify and introspect its tokens and read its revocations.</summary>
    public bool HasResourceServer(Application caller) => ResourceServers.Contains(caller.ClientId, StringComparer.Ordinal);

    /// <summary>One of <see cref="Data.Auth.SessionScopes"/>.</summary>
    public required string SessionScope { get; init; }

    public required int MaxSessionsPerUser { get; init; }

    /// <summary>One of <see cref="Data.Auth.IpHandlings"/>.</summary>
    public required string IpHandling { get; init; }

    public required bool KeepsDevice { get; init; }
}

/// <summary>One secret.</summary>
/// <param name="Id">Its row.</param>
/// <param name="Key">The UTF-8 bytes of the secret string.</param>
/// <param name="ExpiresAt">From when on it is none any more, whether or not the database can be asked; null for never.</param>
internal sealed record ApplicationSecret(Guid Id, byte[] Key, DateTimeOffset? ExpiresAt)
{
    public bool IsLive(DateTimeOffset now) => ExpiresAt is null || now < ExpiresAt;
}
