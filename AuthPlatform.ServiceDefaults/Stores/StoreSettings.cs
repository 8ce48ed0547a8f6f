namespace Aspire.Npgsql.EntityFrameworkCore.PostgreSQL
{
    /// <summary>The settings of <c>AddNpgsqlDbContext</c> that our services use.</summary>
    public sealed class NpgsqlEntityFrameworkCorePostgreSQLSettings
    {
        /// <summary>The connection string of the given name, which may be changed.</summary>
        public string? ConnectionString { get; set; }

        /// <summary>Leaves out the health check that Aspire's has; there is none here.</summary>
        public bool DisableHealthChecks { get; set; }

        /// <summary>Leaves out the retrying execution strategy; default false.</summary>
        public bool DisableRetry { get; set; }
    }
}

namespace Aspire.StackExchange.Redis
{
    /// <summary>The settings of <c>AddRedisClient</c> that our services use.</summary>
    public sealed class StackExchangeRedisSettings
    {
        /// <summary>Leaves out the health check that Aspire's has; there is none here.</summary>
        public bool DisableHealthChecks { get; set; }
    }
}
