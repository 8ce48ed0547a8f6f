using System.Diagnostics;
using AuthPlatform.Contracts;

namespace AuthPlatform.IntegrationTests.Deployment;

public sealed class ComposeTests
{
    private const string File = "docker-compose.yml";

    private readonly ComposeFile _compose = new(Repository.Read(File));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Compose_AgainstTheAppHost_SaysTheSame()
    {
        var model = await AppHostModel.Current;
        Assert.Empty(Drift.Between(model, _compose.Built, _compose.AddressOf));
        Assert.Equal(model.Services.Select(s => s.Name).Concat(model.Stores).Append(ComposeFile.Tool).Order(), _compose.Services.Select(s => s.Key).Order());
        var published = Assert.Single(_compose.Services, s => s.Value.Find("ports") is not null);
        Assert.Equal(model.Public.Name, published.Key);
        var port = Assert.Single(published.Value.Find("ports").Items());
        Assert.Equal($"{model.Public.PublicPort}:8080", $"{port.Find("published").Text()}:{port.Find("target").Text()}");
        Assert.Equal("0.0.0.0", port.Find("host_ip").Text());
    }

    /// <summary>The comparison itself: whatever is changed in the file is noticed.</summary>
    [Theory]
    [InlineData("  gateway:\n", "  entrance:\n")]
    [InlineData("image: authplatform/token-api:", "image: authplatform/key-manager:")]
    [InlineData("Keys__AllowUnsafeSchedule: \"false\"", "Keys__AllowUnsafeSchedule: \"true\"")]
    [InlineData("      Keys__AllowUnsafeSchedule: \"false\"", "      Keys__AllowUnsafeSchedule: \"false\"\n      Keys__KeySize: \"2048\"")]
    [InlineData("      services__admin-web__http__0: http://admin-web:8080\n", "")]
    [InlineData("services__admin-web__http__0: http://admin-web:8080", "services__admin-web__http__0: http://admin-web:8081")]
    [InlineData("services__admin-web__http__0: http://admin-web:8080", "services__admin-web__http__0: http://token-api:8080")]
    [InlineData("Tokens__PublicUrl: ${AUTHPLATFORM_PUBLIC_URL:-http://localhost", "Tokens__PublicUrl: ${AUTHPLATFORM_PUBLIC_URL:-http://elsewhere")]
    [InlineData("      - { source: bootstrap-client-secret, target: Bootstrap__ClientSecret }\n", "")]
    [InlineData("      Bootstrap__ClientId:", "      Bootstrap__ClientSecret: open\n      Bootstrap__ClientId:")]
    [InlineData("{ source: bootstrap-client-secret, target: Bootstrap__ClientSecret }", "{ source: internal-secret, target: Bootstrap__ClientSecret }")]
    [InlineData("{ source: key-manager-database, target: ConnectionStrings__keysdb }", "{ source: keysdb, target: ConnectionStrings__keysdb }")]
    [InlineData("    environment:\n      services__key-manager__http__0: http://key-manager:8080\n      Admin", "    environment:\n      ConnectionStrings__keysdb: x\n      services__key-manager__http__0: http://key-manager:8080\n      Admin")]
    [InlineData("migrations: { condition: service_completed_successfully }", "migrations: { condition: service_started }")]
    [InlineData("      key-manager: { condition: service_healthy }\n", "")]
    [InlineData("AuthPlatform.TokenApi, --health, /health/ready]", "AuthPlatform.TokenApi, --health, /health/live]")]
    public async Task Compose_WithADifference_IsNoticed(string text, string other)
    {
        var changed = new ComposeFile(Replaced(text, other));
        Assert.NotEmpty(Drift.Between(await AppHostModel.Current, changed.Built, changed.AddressOf));
    }

    /// <summary>An image is what its service's project is published to, and is checked with its own program.</summary>
    [Fact]
    public async Task Images_OfTheDockerfile_AreTheAppHostsProjects()
    {
        var images = new Containerfile();
        var published = Repository.Read("deploy/images.slnf");
        Assert.Equal("8080", images.Environment["ASPNETCORE_HTTP_PORTS"]);
        foreach (var service in (await AppHostModel.Current).Services)
        {
            string[] entryPoint = service.Name is ResourceNames.TokenApi or ResourceNames.KeyManager ? [$"./{service.Project}"] : ["dotnet", $"{service.Project}.dll"];
            Assert.Equal(entryPoint, images.EntryPoint(service.Name));
            Assert.Equal($"/src/artifacts/publish/{service.Project}/image/", images.Source(service.Name));
            Assert.Contains($"{service.Project}/{service.Project}.csproj", published, StringComparison.Ordinal);
            Assert.Equal(service.Name, _compose[service.Name].Find("build", "target").Text());
            string[] alive = service.ReadyPath is null ? [] : [.. entryPoint, "--health"];
            string[] ready = service.ReadyPath is null ? [] : ["CMD", .. alive, service.ReadyPath];
            Assert.Equal(alive, images.Health(service.Name));
            Assert.Equal(ready, _compose[service.Name].Find("healthcheck", "test").Texts());
        }
    }

    /// <summary>The command line also runs in a directory of the operator's, where a path from its own leads nowhere.</summary>
    [Fact]
    public void Image_OfTheCommandLine_StartsInAnyDirectory() => Assert.Equal(["dotnet", "/app/authplatform.dll"], new Containerfile().EntryPoint(ComposeFile.Tool));

    /// <summary>What the documentation puts on top of the file fits it, and lets nobody do more than it says.</summary>
    [Theory]
    [InlineData("docs/deployment.md", 4)]
    [InlineData("docs/telemetry.md", 1)]
    public void Overrides_InTheDocumentation_FitTheFile(string document, int count)
    {
        var overrides = Repository.Read(document).Split("```yaml\n")[1..].Select(rest => new ComposeFile(rest[..rest.IndexOf("\n```", StringComparison.Ordinal)])).ToList();
        Assert.Equal(count, overrides.Count);
        var prometheus = Repository.Read("deploy/observability/prometheus.yml");
        var reached = _compose.Networks.Single(network => network.Key == "public").Value.Find("ipam", "config").Items().Single().Find("subnet").Text();
        foreach (var (name, service) in overrides.SelectMany(file => file.Services))
        {
            Assert.Contains(name, _compose.Services.Select(s => s.Key));
            Assert.Subset(new HashSet<string> { "deploy", "environment", "networks", "ports", "volumes" }, service.Entries().Select(entry => entry.Key).ToHashSet());
            Assert.All(service.Find("deploy").Entries(), setting => Assert.Equal("replicas", setting.Key));
            // Two cannot have one port of the machine.
            Assert.True(service.Find("deploy") is null || _compose[name].Find("ports") is null, $"{name} can be there once only");
            Assert.All(service.Find("volumes").Texts(), volume => Assert.EndsWith(":ro", volume, StringComparison.Ordinal));
            Assert.All(service.Find("environment").Entries(), variable => Assert.Contains(variable.Key, OnTop));
            Assert.Contains(service.Find("environment", "TrustedProxies__Addresses__0").Text(), new[] { null, reached });
            foreach (var (_, network) in service.Find("networks").Entries())
            {
                // As in Kubernetes, so that Prometheus finds them in both.
                var alias = Assert.Single(network.Find("aliases").Texts());
                Assert.Equal($"{name}-metrics.authplatform", alias);
                Assert.Contains($"names: [{alias}], type: A, port: {service.Find("environment", "Metrics__Port").Text()}", prometheus, StringComparison.Ordinal);
            }
        }

        // That one leads out as it is.
        Assert.All(overrides.SelectMany(file => file.Networks).Where(network => network.Key != "public"), network => Assert.Equal("true", network.Value.Find("internal").Text()));
    }

    /// <summary>It gives the second secret to whoever has the first, from a file beside that, and nothing else.</summary>
    [Theory]
    [InlineData("deploy/rotate-encryption-key.yml", "Encryption__Keys__1")]
    [InlineData("deploy/rotate-internal-secret.yml", "InternalCalls__Secrets__1")]
    public void Override_ForARotation_GivesTheSecondSecret(string file, string setting)
    {
        var rotation = new ComposeFile(Repository.Read(file));
        var expected = _compose.Built.Append(_compose.CommandLine)
            .SelectMany(service => SecondSecrets.Of(service).Where(second => second.Setting == setting).Select(second => (service.Name, second.Setting, second.Secret)));
        var given = rotation.Services.SelectMany(service => service.Value.Find("secrets").Items().Select(secret => (service.Key, secret.Find("target").Text()!, secret.Find("source").Text()!)));
        Assert.Equal(expected.Order(), given.Order());
        Assert.All(rotation.Services, service => Assert.Equal(["secrets"], service.Value.Entries().Select(entry => entry.Key)));
        var (name, path) = Assert.Single(rotation.Secrets);
        Assert.Equal($"{_compose.Secrets.Single(secret => $"{secret.Name}-1" == name).File}-1", path);
    }

    [Fact]
    public void Containers_InCompose_MayDoNothingButTheirWork()
    {
        foreach (var (name, service) in _compose.Services)
        {
            Assert.Equal("true", service.Find("read_only").Text());
            Assert.Equal(["ALL"], service.Find("cap_drop").Texts());
            Assert.Equal(["no-new-privileges:true"], service.Find("security_opt").Texts());
            Assert.Subset(Known, service.Entries().Select(entry => entry.Key).ToHashSet());
            Assert.True(service.Find("build") is not null || service.Find("user").Text() is "postgres" or "redis", $"{name} would be root");
            Assert.Equal(name == ComposeFile.Tool ? ["tools"] : [], service.Find("profiles").Texts());
            Assert.Equal(name == "gateway", service.Find("networks").Texts().Contains("public"));
        }

        Assert.All(_compose.Networks, network => Assert.Equal(network.Key == "public" ? null : "true", network.Value.Find("internal").Text()));
        Assert.Equal(["postgres", "migrations", "key-manager", "token-api", "admin-web", "cli"], WithNetwork("databases"));
        Assert.Equal(["redis", "key-manager", "token-api", "admin-web", "cli"], WithNetwork("cache"));
        Assert.Equal(["key-manager", "token-api", "admin-web", "gateway"], WithNetwork("services"));
    }

    /// <summary>A revocation that made room for others would let its token live on.</summary>
    [Fact]
    public void Redis_InCompose_ThrowsNothingAway() =>
        Assert.Equal(["--maxmemory-policy", "noeviction"], _compose[ResourceNames.Redis].Find("command").Texts().SkipWhile(argument => argument != "--maxmemory-policy").Take(2));

    /// <summary>Where there is a Docker with Compose, it says itself whether the file is valid; the tests above read it in any case.</summary>
    [Fact]
    public async Task Config_OfDockerCompose_IsValid()
    {
        using var version = Process.Start(new ProcessStartInfo("sh", ["-c", "docker compose version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await version.WaitForExitAsync(Cancellation);
        if (version.ExitCode != 0)
        {
            TestContext.Current.SendDiagnosticMessage("There is no docker compose here: the file was read, but not by it.");
            Assert.Equal("authplatform", Yaml.Read(Repository.Read(File)).Single().Find("name").Text());
            return;
        }

        string[] files = [File, "deploy/own-stores.yml", "deploy/rotate-encryption-key.yml", "deploy/rotate-internal-secret.yml"];
        var start = new ProcessStartInfo("docker", ["compose", .. files.SelectMany(file => new[] { "--file", Repository.PathOf(file) }), "config", "--quiet"]) { RedirectStandardError = true };
        start.Environment["STORES_CA"] = "/etc/ssl/certs/ca-certificates.crt";
        using var config = Process.Start(start)!;
        var errors = await config.StandardError.ReadToEndAsync(Cancellation);
        await config.WaitForExitAsync(Cancellation);
        Assert.True(config.ExitCode == 0, errors);
    }

    private static HashSet<string> Known =>
    [
        "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "networks", "pids_limit", "ports", "profiles", "read_only", "restart", "secrets",
        "security_opt", "stop_grace_period", "tmpfs", "user", "volumes",
    ];

    private static HashSet<string> OnTop =>
    [
        "TrustedProxies__Addresses__0", "ASPNETCORE_URLS", "Tls__CertificatePath", "Tls__KeyPath", "Metrics__Port", "Metrics__Address", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME",
    ];

    private IEnumerable<string> WithNetwork(string network) => _compose.Services.Where(s => s.Value.Find("networks").Texts().Contains(network)).Select(s => s.Key);

    private static string Replaced(string text, string other)
    {
        var original = Repository.Read(File);
        var place = original.IndexOf(text, StringComparison.Ordinal);
        Assert.True(place >= 0, $"{File} does not say: {text}");
        return original.Remove(place, text.Length).Insert(place, other);
    }
}
