using System.Net;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The whole platform from what the images hold: started in Compose's order, with Compose's environment, on databases that are not there yet.</summary>
public sealed class PublishedServicesTests(AuthPlatformFixture platform)
{
    private readonly ComposeFile _compose = new(Repository.Read("docker-compose.yml"));
    private readonly Dictionary<string, PublishedService> _running = [];

    [Fact]
    public async Task Platform_FromPublishedServices_IssuesATokenAndStops()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(10));
        var services = _compose.Built;
        using var images = await PublishedImages.MakeAsync(services.Select(service => service.Name), patience.Token);
        Assert.False(images.Containerfile.IsRoot);
        var databases = new FreshDatabases(platform);
        var stores = new Dictionary<string, string>
        {
            [ResourceNames.AuthDatabase] = await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, patience.Token),
            [ResourceNames.KeysDatabase] = await databases.ConnectionStringAsync(ResourceNames.KeysDatabase, patience.Token),
            // Apart from the running platform, which knows other revocations.
            [ResourceNames.Redis] = $"{await platform.App.GetConnectionStringAsync(ResourceNames.Redis, patience.Token)},defaultDatabase=9",
        };
        foreach (var (service, database) in ((string, string)[])[(ResourceNames.TokenApi, ResourceNames.AuthDatabase), (ResourceNames.AdminWeb, ResourceNames.AuthDatabase), (ResourceNames.KeyManager, ResourceNames.KeysDatabase)])
        {
            var password = await File.ReadAllTextAsync(Path.Combine(images.Secrets, $"{service}-database-password"), patience.Token);
            stores[$"{service}-database"] = await databases.LoginAsync(database, service, 0, password, patience.Token);
        }

        try
        {
            foreach (var service in InOrder(services))
            {
                await StartAsync(images, service, stores, patience.Token);
            }

            var gateway = _running[ResourceNames.Gateway];
            var application = new TestApplication(
                services.Single(s => s.Name == ResourceNames.Migrations).Plain["Bootstrap__ClientId"],
                await File.ReadAllTextAsync(Path.Combine(images.Secrets, "bootstrap-client-secret"), patience.Token));
            using var http = new HttpClient { BaseAddress = gateway.Address };
            var (status, body) = await AuthPlatformFixture.SendFreshAsync(http, () => SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser())), patience.Token);
            Assert.True(status == HttpStatusCode.OK, body.ToString());
            using var page = await http.SendFreshAsync(() => new HttpRequestMessage(HttpMethod.Get, "/admin/sign-in"), patience.Token);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            // That all six are opened is tested where nothing else starts: here it may have run out of patience with some.
            Assert.Matches("Opened [1-6] pages", string.Join('\n', _running[ResourceNames.AdminWeb].StartLog));

            Assert.Equal(0, await gateway.StopAsync(patience.Token));
            Assert.Equal(1, await gateway.HealthAsync(patience.Token));
        }
        finally
        {
            foreach (var service in _running.Values)
            {
                await service.DisposeAsync();
            }
        }
    }

    private async Task StartAsync(PublishedImages images, DeployedService service, Dictionary<string, string> stores, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(images.Containerfile.Environment);
        foreach (var (name, value) in service.Plain)
        {
            var found = _running.FirstOrDefault(running => value == _compose.AddressOf(running.Key)).Value;
            environment[name] = found?.Address.ToString() ?? value;
        }

        environment["SecretsDirectory"] = images.Mount(service, stores);
        var (folder, entryPoint) = (images.FolderOf(service.Name), images.Containerfile.EntryPoint(service.Name));
        Assert.NotEqual(0, (await PublishedService.RunAsync(folder, environment, ["touch", "file"], cancellationToken)).ExitCode);
        if (service.ReadyPath is null)
        {
            var (exitCode, log) = await PublishedService.RunAsync(folder, environment, entryPoint, cancellationToken);
            Assert.True(exitCode == 0, log);
            return;
        }

        string[] ready = [.. _compose[service.Name].Find("healthcheck", "test").Texts().Skip(1)];
        _running[service.Name] = await PublishedService.StartAsync(folder, environment, ready, entryPoint, cancellationToken);
    }

    /// <summary>Each after what it waits for, and after those whose address it is given.</summary>
    private static IEnumerable<DeployedService> InOrder(IReadOnlyList<DeployedService> services)
    {
        var left = services.ToList();
        while (left.Count > 0)
        {
            var next = left.First(service => !left.Any(other => other != service
                && (service.Waits!.Any(wait => wait.StartsWith($"{other.Name}:", StringComparison.Ordinal)) || service.Plain.ContainsKey($"services__{other.Name}__http__0"))));
            left.Remove(next);
            yield return next;
        }
    }
}
