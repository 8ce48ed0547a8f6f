using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.ServiceDefaults;
using AuthPlatform.TokenApi.Audit;
using AuthPlatform.TokenApi.Cleanup;
using AuthPlatform.TokenApi.Keys;
using AuthPlatform.TokenApi.OAuth;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using AuthPlatform.TokenApi.Tokens;
using AuthPlatform.TokenApi.Traffic;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.TokenApi;

/// <summary>What the Token API is made of.</summary>
internal static class TokenApiServices
{
    /// <summary>The connections of what a replica does for all, by which they are asked for and measured.</summary>
    public const string Upkeep = ResourceNames.AuthDatabase + " upkeep";

    public static void AddTokenApi(this IHostApplicationBuilder builder)
    {
        builder.AddStores();
        builder.AddAudit();
        builder.AddCleanup();
        builder.AddEnvelopeEncryption();
        builder.Services.AddKeyManagerClient();
        builder.Services.AddServiceHealthCheck(ResourceNames.KeyManager);
        ClockCheck.AddTo(builder.Services);
        builder.Services.AddSingleton<TokenMetrics>();
        builder.Services.AddSingleton<TrafficTally>();
        builder.Services.AddHostedService<TrafficLog>();

        // The gateway has replaced whatever the caller claimed.
        builder.AddTrustedProxies(TrustedProxies.Loopback);

        builder.Services.AddOptions<SignedRequestOptions>().BindConfiguration(SignedRequestOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SignedRequestOptions>, ValidateSignedRequestOptions>();
        builder.Services.AddSingleton<ApplicationReader>();
        builder.Services.AddSingleton<ApplicationSnapshots>();
        builder.Services.AddHostedService<ApplicationChangeListener>();
        builder.Services.AddSingleton<RedisCalls>();
        builder.Services.AddSingleton<RedisBreaker>();
        builder.Services.AddSingleton<ReplayMark>();
        builder.Services.AddSingleton<ReplayTable>();
        builder.Services.AddSingleton<ReplayRows>();
        builder.Services.AddSingleton<ReplayGuard>();
        builder.Services.AddHostedService<ReplayTableWatch>();
        builder.Services.AddSingleton<SecretUsage>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SecretUsage>());
        builder.Services.AddHostedService<WarmUp>();
        builder.Services.AddSingleton<SignatureAuthenticator>();
        builder.Services.AddSingleton<RequestAuthenticator>();
        builder.Services.AddSingleton<ClientAuthenticator>();
        builder.Services.AddSingleton<SignedEndpointRunner>();

        builder.Services.AddOptions<TokenOptions>().BindConfiguration(TokenOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<TokenOptions>, ValidateTokenRanges>();
        builder.Services.AddSingleton<IValidateOptions<TokenOptions>, ValidateTokenOptions>();
        builder.Services.AddSingleton<KeyNews>();
        builder.Services.AddHostedService<KeyFollower>();
        builder.Services.AddSingleton<JwksCache>();
        builder.Services.AddSingleton<RotateKey>();
        builder.Services.AddSingleton<UserTurns>();
        builder.Services.AddSingleton<SessionStarts>();
        builder.Services.AddSingleton<SessionStore>();
        builder.Services.AddSingleton<OwnSessions>();
        builder.Services.AddSingleton<Leases>();
        builder.Services.AddSingleton<RevocationMetrics>();
        builder.Services.AddSingleton<RevocationTrust>();
        builder.Services.AddSingleton<RevocationList>();
        builder.Services.AddSingleton<RevocationAnnouncer>();
        builder.Services.AddHostedService<RevocationCopier>();
        builder.Services.AddSingleton<TokenSigner>();
        builder.Services.AddSingleton<ImportedTokens>();
        builder.Services.AddSingleton(_ => new ProvenTokens());
        builder.Services.AddSingleton<TokenReader>();
        builder.Services.AddSingleton<TokenVerifier>();
        builder.Services.AddSingleton<IssueToken>();
        builder.Services.AddSingleton<RotateRefreshToken>();
        builder.Services.AddSingleton<RefreshEndpoint>();
        builder.Services.AddSingleton<RevokeTokens>();
        builder.Services.AddSingleton<RecentRevocations>();
        builder.Services.AddSingleton<RevokeSessions>();
        builder.Services.AddSingleton<RevokeToken>();
        builder.Services.AddSingleton<VerifyToken>();

        builder.Services.AddOAuth();
    }

    /// <summary>First of those that run in the background: the last to stop, when nobody has anything to tell any more.</summary>
    private static void AddAudit(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AuditMetrics>();
        builder.Services.AddSingleton<AuditTable>();
        builder.Services.AddSingleton<AuditLog>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AuditLog>());
        builder.Services.AddSingleton<RejectionLog>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RejectionLog>());
        builder.Services.AddSingleton<AuditPartitions>();
        builder.Services.AddHostedService<AuditPartitionKeeper>();
    }

    private static void AddCleanup(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<CleanupOptions>().BindConfiguration(CleanupOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<CleanupOptions>, ValidateCleanupOptions>();
        builder.Services.AddSingleton<CleanupMetrics>();
        builder.Services.AddHostedService<CleanupWorker>();
    }

    private static void AddStores(this IHostApplicationBuilder builder)
    {
        // More connections than the server has cores only wait inside it instead of here; and its limit is shared by all replicas.
        builder.AddNpgsqlDataSource(ResourceNames.AuthDatabase, configureDataSourceBuilder: dataSource => Configure(dataSource, ResourceNames.AuthDatabase, connections: 17));

        // Behind requests that take all connections, revocations would come to Redis too late for it to be believed; then each verification asks the database as well, and no
        // connection is free any more.
        builder.Services.AddNpgsqlDataSource(
            builder.Configuration.GetConnectionString(ResourceNames.AuthDatabase) ?? "", dataSource => Configure(dataSource, Upkeep, connections: 3), serviceKey: Upkeep);

        // Redis is no condition of being ready: without it, Postgres remembers.
        builder.AddFailFastRedisClient(redis =>
        {
            // The client counts INFO among the commands of administrators; it is how a restarted server is told from the one before.
            redis.AllowAdmin = true;
        });
    }

    private static void Configure(NpgsqlDataSourceBuilder dataSource, string name, int connections)
    {
        dataSource.Name = name;
        var settings = dataSource.ConnectionStringBuilder;
        // A caller waits for the answer: better a 503 soon than an answer nobody waits for any more.
        settings.Timeout = 3;
        settings.CommandTimeout = 5;
        settings.MaxPoolSize = connections;
        // Whoever keeps some open always cannot mean more than there may be.
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, connections);
        settings.MaxAutoPrepare = 30;
        settings.AutoPrepareMinUsages = 2;
        // No statement leaves anything behind in its connection that would have to be reset.
        settings.NoResetOnClose = true;
    }
}
