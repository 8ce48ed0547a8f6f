using System.Net;
using System.Net.Sockets;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.MigrationWorker;
using AuthPlatform.MigrationWorker.Roles;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AuthPlatform.UnitTests.MigrationWorker;

public sealed class MigrationRunnerTests
{
    [Fact]
    public async Task Server_ThatDoesNotAnswerInTime_EndsTheRunWithOne()
    {
        // Taken, so that nobody else gets it, but nobody listens.
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var connectionString = $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndPoint!).Port};Database=nothing;Username=nobody";
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddDbContext<AuthDbContext>(options => options.UseNpgsql(connectionString));
        builder.Services.AddDbContext<KeysDbContext>(options => options.UseNpgsql(connectionString));
        builder.Services.Configure<MigrationOptions>(options => options.DatabaseWaitSeconds = 0);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new EnvelopeCipher([new string('k', EncryptionOptions.MinimumKeyLength)]));
        builder.Services.AddSingleton<DatabaseTurns>();
        builder.Services.AddSingleton<SetAuditRetention>();
        builder.Services.AddSingleton<EnsureRoles>();
        builder.Services.AddScoped<BootstrapApplication>();
        builder.Services.AddScoped<MigrationRunner>();
        using var host = builder.Build();

        var exitCode = await MigrationRunner.RunToExitCodeAsync(host).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal(1, exitCode);
    }
}
