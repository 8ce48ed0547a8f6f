using AuthPlatform.ServiceDefaults;
using AuthPlatform.TokenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AuthPlatform.UnitTests.Sessions;

/// <summary>The connections of a Token API: those of requests, and those of what it does for all replicas.</summary>
public sealed class UpkeepConnectionTests
{
    /// <summary>Whoever runs a server that takes so many connections counts on the first number; docs/operations.md says it.</summary>
    [Fact]
    public async Task Connections_OfATokenApi_AreAsManyAsOperatorsAreToldAndSomeAreForItsUpkeepOnly()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:authdb"] = "Host=localhost;Minimum Pool Size=20",
            ["ConnectionStrings:redis"] = "localhost",
            ["Scheduling:Batch"] = "false",
        });
        builder.AddServiceDefaults();
        builder.AddTokenApi();
        await using var app = builder.Build();

        var requests = new NpgsqlConnectionStringBuilder(app.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);
        var upkeep = new NpgsqlConnectionStringBuilder(app.Services.GetRequiredKeyedService<NpgsqlDataSource>(TokenApiServices.Upkeep).ConnectionString);

        Assert.Equal((20, 3), (requests.MaxPoolSize + upkeep.MaxPoolSize, upkeep.MaxPoolSize));
        Assert.Equal((17, 3), (requests.MinPoolSize, upkeep.MinPoolSize));
    }
}
