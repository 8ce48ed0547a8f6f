using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.MigrationWorker;
using AuthPlatform.MigrationWorker.Roles;
using AuthPlatform.ServiceDefaults;

var builder = Host.CreateApplicationBuilder(args);
builder.AddServiceDefaults();
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

using var host = builder.Build();
return await MigrationRunner.RunToExitCodeAsync(host);
