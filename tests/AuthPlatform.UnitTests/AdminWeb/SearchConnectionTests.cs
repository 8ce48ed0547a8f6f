using AuthPlatform.AdminWeb;
using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AuthPlatform.UnitTests.AdminWeb;

/// <summary>The connections of searches, which no health check sees.</summary>
public sealed class SearchConnectionTests
{
    [Theory]
    [InlineData("Host=localhost", 300)]
    [InlineData("Host=localhost;Connection Lifetime=3600", 3600)]
    public async Task Searches_OfAnAdminWeb_AreFewAndLeaveAServerThatOnlyReadsByThemselves(string connectionString, int lifetime)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:authdb"] = connectionString, ["ConnectionStrings:redis"] = "localhost" });
        builder.AddServiceDefaults();
        builder.AddAdminWeb();
        await using var app = builder.Build();

        var pool = new NpgsqlConnectionStringBuilder(app.Services.GetRequiredKeyedService<NpgsqlDataSource>(AdminWebServices.Searches).ConnectionString);

        Assert.Equal((4, lifetime, 10), (pool.MaxPoolSize, pool.ConnectionLifetime, pool.CommandTimeout));
    }
}
