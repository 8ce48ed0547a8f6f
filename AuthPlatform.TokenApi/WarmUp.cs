using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using AuthPlatform.Contracts;
using AuthPlatform.Contracts.Signing;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Audit;
using AuthPlatform.TokenApi.Keys;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.AspNetCore.Http.Features;
using StackExchange.Redis;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi;

/// <summary>
/// Does once what requests do, before the first of them is let in: it would otherwise wait for connections, and for the runtime to compile where no build has. For an application
/// that nobody can be, whose sessions do not exist: nothing is found, and nothing is left but a request in the memory against replay, for its minutes. What is away is no
/// reason not to start.
/// </summary>
internal sealed partial class WarmUp(IServiceProvider services, TimeProvider clock, ILogger<WarmUp> logger) : IHostedService
{
    /// <summary>A store that has not answered by then is away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>What answers may take longer, on a machine that is busy starting others too: what is left out now, the first requests wait for.</summary>
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(10);

    public Task StartAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(new[] { DatabaseAsync, RedisAsync, KeyManagerAsync, TokenAsync }.Select(warmUp => TryAsync(warmUp, cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task TryAsync(Func<CancellationToken, Task> warmUp, CancellationToken cancellationToken)
    {
        try
        {
            // On a thread of its own from the start: compiling is most of the work.
            await Task.Run(() => warmUp(cancellationToken), cancellationToken).WaitAsync(MostPatience, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is DbException or RedisException or TimeoutException or HttpRequestException)
        {
            Log.Away(logger, exception.Message);
        }
    }

    private async Task DatabaseAsync(CancellationToken cancellationToken)
    {
        var nobody = Nobody();
        await AuthenticateAsync(nobody, cancellationToken);
        var (sessions, now) = (services.GetRequiredService<SessionStore>(), clock.GetUtcNow());
        var session = new LiveSession(nobody.Id, "", new UserPlace("", ""), 0, null, null, now, now, now, now, now);
        await services.GetRequiredService<SessionStarts>().WarmUpAsync();
        await sessions.FindAsync(nobody, session.Id);
        await sessions.RenewAsync(
            nobody,
            session,
            new SessionRenewal { MovedTo = null, KeyId = "", RefreshedAt = now, TokensUntil = now, IdleExpiresAt = now, GraceUntil = now },
            cancellationToken);
        await services.GetRequiredService<AuditTable>().WriteAsync([], cancellationToken);
    }

    /// <summary>A request that is signed by nobody.</summary>
    private async Task AuthenticateAsync(Application nobody, CancellationToken cancellationToken)
    {
        var parts = new RequestSignatureV2.Parts(
            HttpMethods.Post, "/auth/verify", "", clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), nobody.ClientId);
        var body = "{}"u8.ToArray();
        var context = new DefaultHttpContext { RequestAborted = cancellationToken };
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = parts.Path;
        context.Request.Method = parts.Method;
        context.Request.ContentType = SignedEndpoint.Verify.MediaType;
        context.Request.Body = new MemoryStream(body);
        context.Request.Headers[SigningHeaders.ClientId] = parts.ClientId;
        context.Request.Headers[SigningHeaders.Timestamp] = parts.Timestamp;
        context.Request.Headers[SigningHeaders.Nonce] = parts.Nonce;
        context.Request.Headers[SigningHeaders.Signature] = RequestSignatureV2.Sign(Convert.ToHexString(RandomNumberGenerator.GetBytes(32)), parts, body);
        await services.GetRequiredService<RequestAuthenticator>().AuthenticateAsync(context, SignedEndpoint.Verify);
    }

    private async Task RedisAsync(CancellationToken cancellationToken)
    {
        // Only this, should it be away: a request that Redis does not answer is remembered in Postgres.
        await services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().PingAsync().WaitAsync(Patience, clock, cancellationToken);
        var (nobody, now) = (Nobody(), clock.GetUtcNow().ToUnixTimeSeconds());
        var headers = new SignatureHeaders(nobody.ClientId, 2, now.ToString(CultureInfo.InvariantCulture), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), []);
        // Until it is known that the table against replay is not used, what is remembered is written there too.
        await services.GetRequiredService<ReplayTable>().LearnAsync(cancellationToken);
        await services.GetRequiredService<ReplayGuard>().RememberAsync(nobody, headers, now, SignedEndpoint.Verify, cancellationToken);
        await services.GetRequiredService<RevocationList>().ContainsAsync(nobody.Id, 0, cancellationToken);
        // An empty Redis knows nothing of requests before it: rather be ready a little later than refuse the first ones.
        await services.GetRequiredService<ReplayMark>().SettledAsync(cancellationToken);
    }

    private async Task KeyManagerAsync(CancellationToken cancellationToken)
    {
        await services.GetRequiredService<JwksCache>().FindAsync(Nobody().ClientId, "", cancellationToken);
        await services.GetRequiredService<KeyManagerClient>().SignAsync([], cancellationToken);
    }

    private async Task TokenAsync(CancellationToken cancellationToken)
    {
        var (nobody, now) = (Nobody(), clock.GetUtcNow());
        await services.GetRequiredService<TokenReader>().WarmUpAsync(new TokenGrant
        {
            Application = nobody,
            SessionId = nobody.Id,
            Generation = 0,
            UniqueKey = "",
            Scope = null,
            Claims = null,
            RefreshedAt = now,
            RefreshExpiresAt = now,
            AccessIssuedAt = now,
            AccessExpiresAt = now,
        });
    }

    private static Application Nobody() => new()
    {
        Id = Guid.Empty,
        ClientId = "warm-up",
        Issuer = "warm-up",
        Enabled = false,
        MinimumSignatureVersion = 2,
        AllowedAddresses = new AddressAllowList([]),
        Secrets = [],
        RefreshKey = RandomNumberGenerator.GetBytes(32),
        AccessLifetime = TimeSpan.Zero,
        RefreshIdleLifetime = TimeSpan.Zero,
        RefreshAbsoluteLifetime = TimeSpan.Zero,
        RefreshTokensAreJwt = false,
        UsesSeedProfile = false,
        Audience = "",
        ResourceServers = [],
        SessionScope = SessionScopes.User,
        MaxSessionsPerUser = 1,
        IpHandling = IpHandlings.Ignore,
        KeepsDevice = false,
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Not all that requests need answers yet: {Reason}")]
        public static partial void Away(ILogger logger, string reason);
    }
}
