using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.ServiceDefaults.Stores;

/// <summary>Where the stores are. A connection string that is missing or cannot be read is refused when the service starts, and empty until then.</summary>
internal static class ConnectionStrings
{
    public static string RequireDatabase(this IHostApplicationBuilder builder, string name) =>
        builder.Require(name, text => new NpgsqlConnectionStringBuilder(text).Host is { Length: > 0 }, "Host=…;Port=5432;Database=…;Username=…;Password=…");

    public static string RequireRedis(this IHostApplicationBuilder builder, string name) =>
        builder.Require(name, text => ConfigurationOptions.Parse(text).EndPoints.Count > 0, "host:6379,password=…");

    private static string Require(this IHostApplicationBuilder builder, string name, Func<string, bool> isComplete, string example)
    {
        if (builder.Configuration.GetConnectionString(name) is not { Length: > 0 } text)
        {
            builder.Refuse($"No connection string '{name}': set ConnectionStrings__{name}, or start this service from the AppHost.");
            return "";
        }

        if (IsReadable(text, isComplete))
        {
            return text;
        }

        builder.Refuse($"ConnectionStrings__{name} cannot be read: it must be like {example}.");
        return "";
    }

    /// <summary>What a driver says about it is not repeated: that may hold the password.</summary>
    private static bool IsReadable(string text, Func<string, bool> isComplete)
    {
        try
        {
            return isComplete(text);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or NotSupportedException)
        {
            return false;
        }
    }
}
