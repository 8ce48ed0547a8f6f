using AuthPlatform.Contracts;

namespace AuthPlatform.AppHost;

/// <summary>How a service signs in to a database: as a role of its own, which the Migration Worker makes.</summary>
/// <param name="Password">For the Migration Worker.</param>
/// <param name="Connection">For the service.</param>
internal sealed record DatabaseLogin(IResourceBuilder<ParameterResource> Password, IResourceBuilder<ConnectionStringResource> Connection);

/// <summary>How this AppHost declares them.</summary>
internal static class DatabaseLogins
{
    public static DatabaseLogin AddLogin(this IResourceBuilder<PostgresDatabaseResource> database, string service)
    {
        var builder = database.ApplicationBuilder;
        var name = database.Resource.DatabaseName;
        var server = database.Resource.Parent.PrimaryEndpoint;
        var (host, port) = (server.Property(EndpointProperty.Host), server.Property(EndpointProperty.Port));
        var password = builder.AddGeneratedSecret($"{service}-database-password");
        var connection = ReferenceExpression.Create($"Host={host};Port={port};Username={DatabaseRoles.Login(name, service, 0)};Password={password};Database={name}");
        return new DatabaseLogin(password, builder.AddConnectionString($"{service}-database", connection));
    }
}
