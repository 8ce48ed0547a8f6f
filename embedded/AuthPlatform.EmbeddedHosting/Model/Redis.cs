using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;

namespace Aspire.Hosting
{
    public static class RedisBuilderExtensions
    {
        public static IResourceBuilder<RedisResource> AddRedis(
            this IDistributedApplicationBuilder builder,
            string name,
            int? port,
            IResourceBuilder<ParameterResource> password)
        {
            var redis = new RedisResource(name, password.Resource);
            return builder.AddResource(redis)
                // Not localhost, for the reason that PostgreSQL has.
                .WithAnnotation(new EndpointAnnotation("redis", "tcp", port) { TargetHost = "127.0.0.1" })
                .WithAnnotation(new HealthProbeAnnotation($"{name}_check", async (_, cancellationToken) =>
                    await HealthProbes.RedisAsync(redis.PrimaryEndpoint.Port, (await password.Resource.GetValueAsync(cancellationToken))!, cancellationToken)));
        }

        /// <summary>Every write is logged at once here; Aspire's may lose a minute.</summary>
        public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string name) =>
            builder.WithAnnotation(new DataVolumeAnnotation(name), ResourceAnnotationMutationBehavior.Replace);
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    public class RedisResource(string name, ParameterResource password) : ContainerResource(name), IResourceWithConnectionString
    {
        public EndpointReference PrimaryEndpoint => new(this, "tcp");

        public ParameterResource PasswordParameter { get; } = password;

        public async ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
            $"{PrimaryEndpoint.Host}:{PrimaryEndpoint.Port},password={await PasswordParameter.GetValueAsync(cancellationToken)}";
    }
}
