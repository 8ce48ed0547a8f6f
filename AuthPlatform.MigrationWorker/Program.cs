using AuthPlatform.MigrationWorker;
using AuthPlatform.ServiceDefaults;

var builder = Host.CreateApplicationBuilder(args);
builder.AddServiceDefaults();
builder.AddMigrationWorker();

using var host = builder.Build();
return await MigrationRunner.RunToExitCodeAsync(host);
