using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.MigrationWorker.Roles;

namespace AuthPlatform.MigrationWorker;

/// <summary>What the Migration Worker is made of.</summary>
internal static class MigrationWorkerServices
{
    public static void AddMigrationWorker(this IHostApplicationBuilder builder)
    {
        builder.AddEnvelopeEncryption();
        builder.AddNpgsqlDbContext<AuthDbContext>(ResourceNames.AuthDatabase, configureDbContextOptions: options => options.AddInterceptors(new VanishedClientInterceptor()));
        builder.AddNpgsqlDbContext<KeysDbContext>(ResourceNames.KeysDatabase, configureDbContextOptions: options => options.AddInterceptors(new VanishedClientInterceptor()));
        builder.Services.AddOptions<BootstrapOptions>().BindConfiguration(BootstrapOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<MigrationOptions>().BindConfiguration(MigrationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<DatabaseRoleOptions>().BindConfiguration(DatabaseRoleOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<DatabaseTurns>();
        builder.Services.AddSingleton<SetAuditRetention>();
        builder.Services.AddSingleton<EnsureRoles>();
        builder.Services.AddScoped<BootstrapApplication>();
        builder.Services.AddScoped<MigrationRunner>();
    }
}
