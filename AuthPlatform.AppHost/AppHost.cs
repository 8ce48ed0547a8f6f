using AuthPlatform.AppHost;
using AuthPlatform.Contracts;
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

builder.TakeParametersWithUnderscores();
if (builder.TakeOldDeploymentSettings() is not { } old)
{
    return 1;
}

var clientId = builder.AddParameter("bootstrap-client-id");
var clientSecret = builder.AddGeneratedSecret("bootstrap-client-secret");
var postgresPassword = builder.AddGeneratedSecret("postgres-password");
var redisPassword = builder.AddGeneratedSecret("redis-password");
var encryptionKey = builder.AddGeneratedSecret("encryption-key");
var internalSecret = builder.AddGeneratedSecret("internal-secret");

// Tests and tools come beside the platform: the 100 connections that PostgreSQL takes by itself are too few for all.
var postgres = builder.AddPostgres(ResourceNames.Postgres, password: postgresPassword).WithArgs("-c", "max_connections=200");
var authDatabase = postgres.AddDatabase(ResourceNames.AuthDatabase);
var keysDatabase = postgres.AddDatabase(ResourceNames.KeysDatabase);
// The owner's connection is for the migrations and for operators only.
var tokenApiLogin = authDatabase.AddLogin(ResourceNames.TokenApi);
var adminWebLogin = authDatabase.AddLogin(ResourceNames.AdminWeb);
var keyManagerLogin = keysDatabase.AddLogin(ResourceNames.KeyManager);
var redis = builder.AddRedis(ResourceNames.Redis, port: null, password: redisPassword);

// Tests say Stores:Keep=false and get stores that vanish with them.
if (builder.Configuration.GetValue("Stores:Keep", defaultValue: true))
{
    postgres.WithDataVolume("authplatform-postgres");
    redis.WithDataVolume("authplatform-redis");
}

var migrations = builder.AddProject<Projects.AuthPlatform_MigrationWorker>(ResourceNames.Migrations)
    .WithReference(authDatabase).WaitFor(authDatabase)
    .WithReference(keysDatabase).WaitFor(keysDatabase)
    .WithEnvironment("Encryption__Keys__0", encryptionKey)
    .WithEnvironment("DatabaseRoles__TokenApi__0", tokenApiLogin.Password)
    .WithEnvironment("DatabaseRoles__AdminWeb__0", adminWebLogin.Password)
    .WithEnvironment("DatabaseRoles__KeyManager__0", keyManagerLogin.Password)
    .WithEnvironment("Bootstrap__ClientId", clientId)
    .WithEnvironment("Bootstrap__ClientSecret", clientSecret)
    .WithOldSettings(old);

var keyManager = builder.AddProject<Projects.AuthPlatform_KeyManager>(ResourceNames.KeyManager)
    .WithReplicas(builder.Configuration.GetValue("KeyManager:Replicas", 1))
    .WithReference(keyManagerLogin.Connection, ResourceNames.KeysDatabase).WaitForCompletion(migrations)
    .WithReference(redis)
    .WithEnvironment("Encryption__Keys__0", encryptionKey)
    .WithEnvironment("InternalCalls__Secrets__0", internalSecret)
    .WithEnvironment("Keys__AllowUnsafeSchedule", builder.Configuration.GetValue("Keys:AllowUnsafeSchedule", "false"))
    .WithOldSettings(old)
    .WithHttpHealthCheck("/health/ready");

var tokenApi = builder.AddProject<Projects.AuthPlatform_TokenApi>(ResourceNames.TokenApi)
    .WithReplicas(builder.Configuration.GetValue("TokenApi:Replicas", 1))
    .WithReference(tokenApiLogin.Connection, ResourceNames.AuthDatabase).WaitForCompletion(migrations)
    .WithReference(redis).WaitFor(redis)
    .WithReference(keyManager).WaitFor(keyManager)
    .WithEnvironment("Encryption__Keys__0", encryptionKey)
    .WithEnvironment("InternalCalls__Secrets__0", internalSecret)
    .WithOldSettings(old)
    .WithHttpHealthCheck("/health/ready");

var adminWeb = builder.AddProject<Projects.AuthPlatform_AdminWeb>(ResourceNames.AdminWeb)
    .WithReplicas(builder.Configuration.GetValue("AdminWeb:Replicas", 1))
    .WithReference(adminWebLogin.Connection, ResourceNames.AuthDatabase).WaitForCompletion(migrations)
    .WithReference(redis).WaitFor(redis)
    .WithReference(keyManager).WaitFor(keyManager)
    .WithEnvironment("Encryption__Keys__0", encryptionKey)
    .WithEnvironment("InternalCalls__Secrets__0", internalSecret)
    .WithOldSettings(old)
    .WithHttpHealthCheck("/health/ready");

var gateway = builder.AddProject<Projects.AuthPlatform_Gateway>(ResourceNames.Gateway)
    .WithReference(tokenApi).WaitFor(tokenApi)
    .WithReference(keyManager)
    .WithReference(adminWeb)
    .WithEndpoint("http", endpoint => endpoint.Port = builder.Configuration.GetValue("Gateway:Port", 8080))
    .WithExternalHttpEndpoints()
    .WithOldSettings(old)
    .WithHttpHealthCheck("/health/ready");

// The issuer of every token is the public address, never the Host header of a request. With its path, where it has one, begins the path of every request of a client.
tokenApi.WithEnvironment("Tokens__PublicUrl", gateway.GetEndpoint("http"));
keyManager.WithEnvironment("Tokens__PublicUrl", gateway.GetEndpoint("http"));
gateway.WithEnvironment("Tokens__PublicUrl", gateway.GetEndpoint("http"));
adminWeb.WithEnvironment("Tokens__PublicUrl", gateway.GetEndpoint("http"));
adminWeb.WithEnvironment("Admin__PublicUrl", gateway.GetEndpoint("http"));

builder.LeaveOperatorSettings(gateway, encryptionKey, authDatabase, keysDatabase, redis);
builder.AnnounceWhenReady(gateway, clientId, old);

await builder.Build().RunAsync();
return Environment.ExitCode;
