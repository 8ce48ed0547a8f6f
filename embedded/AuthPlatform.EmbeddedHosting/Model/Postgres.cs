using System.Data.Common;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Npgsql;

namespace Aspire.Hosting
{
    public static class PostgresBuilderExtensions
    {
        public static IResourceBuilder<PostgresServerResource> AddPostgres(
            this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource> password)
        {
            var server = new PostgresServerResource(name, password.Resource);
            return builder.AddResource(server)
                // Not localhost, which may be [::1] first: it listens on this address only, and another user could listen there for its password.
                .WithAnnotation(new EndpointAnnotation("tcp", "tcp") { TargetHost = "127.0.0.1" })
                .WithAnnotation(new HealthProbeAnnotation($"{name}_check", async (_, cancellationToken) =>
                    await HealthProbes.PostgresAsync(server, "postgres", cancellationToken)))
                .WithAnnotation(new ReadyCallbackAnnotation((_, cancellationToken) => CreateDatabasesAsync(server, cancellationToken)));
        }

        public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name)
        {
            var database = new PostgresDatabaseResource(name, builder.Resource);
            builder.Resource.Databases.Add(database.DatabaseName);
            return builder.ApplicationBuilder.AddResource(database)
                .WithAnnotation(new HealthProbeAnnotation($"{name}_check", async (_, cancellationToken) =>
                    await HealthProbes.PostgresAsync(database.Parent, database.DatabaseName, cancellationToken)));
        }

        public static IResourceBuilder<PostgresServerResource> WithDataVolume(this IResourceBuilder<PostgresServerResource> builder, string name) =>
            builder.WithAnnotation(new DataVolumeAnnotation(name), ResourceAnnotationMutationBehavior.Replace);

        private static async Task CreateDatabasesAsync(PostgresServerResource server, CancellationToken cancellationToken)
        {
            await using var connection = new NpgsqlConnection($"{await server.GetConnectionStringAsync(cancellationToken)};Database=postgres;Pooling=false");
            await connection.OpenAsync(cancellationToken);
            foreach (var database in server.Databases)
            {
                await using var find = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = database } } };
                if (await find.ExecuteScalarAsync(cancellationToken) is null)
                {
                    await using var create = new NpgsqlCommand($"CREATE DATABASE \"{database.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
                    await create.ExecuteNonQueryAsync(cancellationToken);
                }
            }
        }
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    public class PostgresServerResource(string name, ParameterResource password) : ContainerResource(name), IResourceWithArgs, IResourceWithConnectionString
    {
        internal const string UserName = "postgres";

        public EndpointReference PrimaryEndpoint => new(this, "tcp");

        public ParameterResource PasswordParameter { get; } = password;

        internal List<string> Databases { get; } = [];

        /// <summary>Where the server keeps its files, once it has been started.</summary>
        internal string? DataDirectory { get; set; }

        public async ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
            $"Host={PrimaryEndpoint.Host};Port={PrimaryEndpoint.Port};Username={UserName};Password={await PasswordParameter.GetValueAsync(cancellationToken)}";
    }

    public class PostgresDatabaseResource(string name, PostgresServerResource postgresParentResource)
        : Resource(name), IResourceWithParent<PostgresServerResource>, IResourceWithConnectionString
    {
        public PostgresServerResource Parent { get; } = postgresParentResource;

        public string DatabaseName => Name;

        public async ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
            $"{await Parent.GetConnectionStringAsync(cancellationToken)};{new DbConnectionStringBuilder { ["Database"] = DatabaseName }}";
    }
}
