using AuthPlatform.Contracts;
using AuthPlatform.Contracts.OldDeployment;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.ServiceDefaults;

/// <summary>Takes the variables of the older service: above the files that come with ours, below secrets from files, our own variables and arguments.</summary>
internal static class OldDeploymentSettings
{
    public static void AddTo(IHostApplicationBuilder builder)
    {
        var environment = OldVariables.OfThisProcess();
        var old = OldVariables.Read(builder.Environment.ContentRootPath, environment, IsOurs);
        if (old.Settings.Count > 0)
        {
            builder.Configuration.InsertAboveFiles(new MemoryConfigurationSource { InitialData = old.Settings });
        }

        if (old.Failures.Count + old.DatabaseFailures.Count > 0)
        {
            builder.Services.AddSingleton<IValidateOptions<Understood>>(services => new Refusal(old, services.GetRequiredService<IServiceProviderIsService>()));
            builder.Services.AddOptions<Understood>().ValidateOnStart();
        }

        // The files set a level of logging; that is no decision of the operator's.
        bool IsOurs(string name) => environment.ContainsKey(name.Replace(":", "__", StringComparison.Ordinal))
            || (!name.StartsWith("Logging:", StringComparison.Ordinal) && !string.IsNullOrEmpty(builder.Configuration[name]));
    }

    private sealed class Understood;

    /// <summary>What is wrong about the database is the business of those that have one.</summary>
    private sealed class Refusal(OldVariables old, IServiceProviderIsService services) : IValidateOptions<Understood>
    {
        public ValidateOptionsResult Validate(string? name, Understood options)
        {
            var hasDatabase = services.IsService(typeof(NpgsqlDataSource)) || services.IsService(typeof(DbContextOptions));
            List<string> failures = [.. old.Failures, .. hasDatabase ? old.DatabaseFailures : []];
            return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
        }
    }
}
