using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.MigrationWorker;
using AuthPlatform.ServiceDefaults;

var builder = Host.CreateApplicationBuilder(args);
builder.AddServiceDefaults();
builder.AddEnvelopeEncryption();
builder.AddNpgsqlDbContext<AuthDbContext>(ResourceNames.AuthDatabase);
builder.AddNpgsqlDbContext<KeysDbContext>(ResourceNames.KeysDatabase);
builder.Services.AddOptions<BootstrapOptions>().BindConfiguration(BootstrapOptions.Section).ValidateDataAnnotations().ValidateOnStart();
builder.Services.AddOptions<MigrationOptions>().BindConfiguration(MigrationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
builder.Services.AddSingleton<DatabaseTurns>();
builder.Services.AddScoped<BootstrapApplication>();
builder.Services.AddScoped<MigrationRunner>();

using var host = builder.Build();
return await MigrationRunner.RunToExitCodeAsync(host);
