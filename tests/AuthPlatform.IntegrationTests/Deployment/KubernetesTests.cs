namespace AuthPlatform.IntegrationTests.Deployment;

public sealed class KubernetesTests
{
    /// <summary>What .NET gives requests that are under way when a service is told to stop.</summary>
    private const int ShutdownSeconds = 30;

    /// <summary>Whether it takes requests, not whether all that it needs is there: what is away would take every gateway out at once.</summary>
    private const string EntrancePath = "/health/serving";

    private readonly KubernetesManifests _manifests = new(KubernetesManifests.Files.Select(File.ReadAllText));

    [Fact]
    public async Task Manifests_AgainstTheAppHost_SayTheSame()
    {
        var model = await AppHostModel.Current;
        Assert.Empty(Drift.Between(model, _manifests.Services, _manifests.AddressOf, EntrancePath));
        var stores = model.Services.SelectMany(service => service.Partners).Except(model.Services.Select(service => service.Name)).Distinct();
        Assert.Equal(stores.Order(), _manifests.OfKind("StatefulSet").Select(KubernetesManifests.NameOf).Order());
        foreach (var service in model.Services)
        {
            // What others wait for the end of is a job; its manifests are applied first.
            var ends = model.Services.Any(other => other.Waits.Contains($"{service.Name}: service_completed_successfully"));
            Assert.NotNull(_manifests.Find(ends ? "Job" : "Deployment", service.Name));
            Assert.Equal(ends, _manifests.Find("Service", service.Name) is null);
            Assert.Equal(service == model.Public || ends ? null : "None", _manifests.Find("Service", service.Name).Find("spec", "clusterIP").Text());
            string[] ports = ends ? [] : ["8080"];
            Assert.Equal(ports, KubernetesManifests.ContainerOf(_manifests.Find(ends ? "Job" : "Deployment", service.Name)!).Find("ports").Items().Select(port => port.Find("containerPort").Text()));
        }
    }

    /// <summary>The comparison itself: whatever is changed in a file is noticed.</summary>
    [Theory]
    [InlineData("services/admin-web.yaml", "kind: Deployment\nmetadata:\n  name: admin-web", "kind: Deployment\nmetadata:\n  name: admin")]
    [InlineData("services/token-api.yaml", "image: authplatform/token-api", "image: authplatform/key-manager")]
    [InlineData("services/token-api.yaml", "http://key-manager:8080", "http://key-manager:80")]
    [InlineData("services/key-manager.yaml", "{ name: http, port: 8080, targetPort: http }", "{ name: http, port: 80, targetPort: http }")]
    [InlineData("services/token-api.yaml", "key: public-url", "key: bootstrap-client-id")]
    [InlineData("services/key-manager.yaml", "{ name: Keys__AllowUnsafeSchedule, value: \"false\" }", "{ name: Keys__AllowUnsafeSchedule, value: \"true\" }")]
    [InlineData("services/gateway.yaml", "            - { name: services__admin-web__http__0, value: \"http://admin-web:8080\" }\n", "")]
    [InlineData("services/gateway.yaml", "          env:\n", "          env:\n            - { name: ConnectionStrings__authdb, value: x }\n")]
    [InlineData("services/token-api.yaml", "name: token-api-database, items: [{ key: value, path: ConnectionStrings__authdb }]", "name: keysdb, items: [{ key: value, path: ConnectionStrings__authdb }]")]
    [InlineData("services/admin-web.yaml", "name: admin-web-database, items: [{ key: value, path: ConnectionStrings__authdb }]", "name: admin-web-database, items: [{ key: value, path: ConnectionStrings__keysdb }]")]
    [InlineData("services/admin-web.yaml", "mountPath: /run/secrets", "mountPath: /run/secret")]
    [InlineData("services/key-manager.yaml", "httpGet: { path: /health/ready, port: http }", "httpGet: { path: /health/live, port: http }")]
    [InlineData("services/gateway.yaml", "httpGet: { path: /health/serving, port: http }", "httpGet: { path: /health/ready, port: http }")]
    [InlineData("migrations/migrations.yaml", "name: bootstrap-client-secret, items", "name: internal-secret, items")]
    public async Task Manifests_WithADifference_AreNoticed(string file, string text, string other)
    {
        var changed = new KubernetesManifests(KubernetesManifests.Files.Select(path =>
        {
            var original = File.ReadAllText(path);
            Assert.True(!path.EndsWith(file, StringComparison.Ordinal) || original.Contains(text, StringComparison.Ordinal), $"{file} does not say: {text}");
            return path.EndsWith(file, StringComparison.Ordinal) ? original.Replace(text, other, StringComparison.Ordinal) : original;
        }));
        Assert.NotEmpty(Drift.Between(await AppHostModel.Current, changed.Services, changed.AddressOf, EntrancePath));
    }

    /// <summary>Who may talk to whom is what the AppHost's references say; the keys database is for the Key Manager and the migrations.</summary>
    [Fact]
    public async Task Network_OfKubernetes_AllowsWhatTheAppHostRefersTo()
    {
        var model = await AppHostModel.Current;
        var targets = model.Services.SelectMany(service => service.Partners).Concat(model.Services.Select(service => service.Name)).ToHashSet();
        Assert.Superset(new HashSet<string> { "authdb", "keysdb", "redis" }, targets);
        foreach (var service in model.Services)
        {
            Assert.Equal(service.Partners.Order(), targets.Where(target => _manifests.Reaches(service.Name, target)).Order());
        }

        Assert.Equal(["key-manager", "migrations"], model.Services.Select(s => s.Name).Where(name => _manifests.Reaches(name, "keysdb")).Order());
        var closed = _manifests.Find("NetworkPolicy", "default-deny").Find("spec");
        Assert.Equal(["Ingress", "Egress"], closed.Find("policyTypes").Texts());
        Assert.Empty(closed.Find("podSelector").Entries());
        Assert.Null(closed.Find("ingress") ?? closed.Find("egress"));
    }

    /// <summary>Token APIs verify without the Key Manager, and Key Managers sign without a database that takes writes, although none is ready then: whoever starts meanwhile has to find them.</summary>
    [Theory]
    [InlineData("token-api")]
    [InlineData("admin-web")]
    [InlineData("key-manager")]
    public void Replicas_ThatAreNotReady_AreFoundByTheirCallers(string service) =>
        Assert.Equal("true", _manifests.Find("Service", service).Find("spec", "publishNotReadyAddresses").Text());

    [Fact]
    public void SecondSecrets_InKubernetes_HaveAPlaceBesideTheFirst()
    {
        foreach (var service in _manifests.Services.Append(_manifests.CommandLine))
        {
            var workload = _manifests.Workloads.Single(workload => KubernetesManifests.NameOf(workload) == service.Name);
            Assert.Equal(SecondSecrets.Of(service).Order(), KubernetesManifests.OptionalSecretsOf(workload).Order());
        }
    }

    /// <summary>The command line has what it has in Compose, runs once for each call, and reaches the stores and nothing else.</summary>
    [Fact]
    public void CommandLine_InKubernetes_IsThatOfCompose()
    {
        var (expected, actual) = (new ComposeFile(Repository.Read("docker-compose.yml")).CommandLine, _manifests.CommandLine);
        Assert.Equal(expected.Image, actual.Image);
        Assert.Equal(expected.Plain.OrderBy(setting => setting.Key), actual.Plain.OrderBy(setting => setting.Key));
        Assert.Equal(expected.Secrets.OrderBy(secret => secret.Key), actual.Secrets.OrderBy(secret => secret.Key));

        var job = _manifests.Find("Job", ComposeFile.Tool)!;
        Assert.Equal("0", job.Find("spec", "backoffLimit").Text());
        Assert.Equal("Never", KubernetesManifests.PodOf(job).Find("restartPolicy").Text());

        var policies = _manifests.OfKind("NetworkPolicy").Select(KubernetesManifests.NameOf).ToList();
        Assert.Equal(["authdb", "keysdb", "redis"], policies.Where(target => _manifests.Reaches(ComposeFile.Tool, target)).Order());
        Assert.DoesNotContain(policies, caller => _manifests.Reaches(caller, ComposeFile.Tool));
    }

    /// <summary>A revocation that made room for others would let its token live on.</summary>
    [Fact]
    public void Redis_InKubernetes_ThrowsNothingAway() => Assert.Equal(
        ["--maxmemory-policy", "noeviction"],
        KubernetesManifests.ContainerOf(_manifests.Find("StatefulSet", "redis")!).Find("command").Texts().SkipWhile(argument => argument != "--maxmemory-policy").Take(2));

    [Fact]
    public void Pods_InKubernetes_MayDoNothingButTheirWork()
    {
        foreach (var workload in _manifests.Workloads.Concat(_manifests.OfKind("StatefulSet")))
        {
            var pod = KubernetesManifests.PodOf(workload);
            var container = KubernetesManifests.ContainerOf(workload);
            Assert.Equal("true", pod.Find("securityContext", "runAsNonRoot").Text());
            Assert.Equal("RuntimeDefault", pod.Find("securityContext", "seccompProfile", "type").Text());
            Assert.Equal("false", pod.Find("automountServiceAccountToken").Text());
            Assert.Equal("false", container.Find("securityContext", "allowPrivilegeEscalation").Text());
            Assert.Equal("true", container.Find("securityContext", "readOnlyRootFilesystem").Text());
            Assert.Equal(["ALL"], container.Find("securityContext", "capabilities", "drop").Texts());
            Assert.NotNull(container.Find("resources", "limits", "memory"));
            Assert.Equal(KubernetesManifests.NameOf(workload), workload.Find("spec", "template", "metadata", "labels", "app.kubernetes.io/name").Text());
        }
    }

    /// <summary>A replica that is told to stop has time to say so and to finish; others stay meanwhile.</summary>
    [Fact]
    public void Deployments_InKubernetes_ComeAndGoWithoutLoss()
    {
        foreach (var (name, deployment) in _manifests.OfKind("Deployment").Select(d => (KubernetesManifests.NameOf(d), d)))
        {
            var container = KubernetesManifests.ContainerOf(deployment);
            var drain = int.Parse(_manifests.Services.Single(s => s.Name == name).Plain["Shutdown__DrainSeconds"], System.Globalization.CultureInfo.InvariantCulture);
            var readiness = container.Find("readinessProbe");
            Assert.InRange(drain, KubernetesManifests.Number(readiness.Find("periodSeconds")), 60);
            Assert.InRange(KubernetesManifests.Number(KubernetesManifests.PodOf(deployment).Find("terminationGracePeriodSeconds")), drain + ShutdownSeconds + 1, 120);
            Assert.Equal("/health/live", container.Find("livenessProbe", "httpGet", "path").Text());
            Assert.Equal("/health/live", container.Find("startupProbe", "httpGet", "path").Text());
            Assert.Equal("1", _manifests.Find("PodDisruptionBudget", name).Find("spec", "maxUnavailable").Text());
            Assert.Equal(name, _manifests.Find("PodDisruptionBudget", name).Find("spec", "selector", "matchLabels", "app.kubernetes.io/name").Text());
            Assert.Equal(name, _manifests.Find("HorizontalPodAutoscaler", name).Find("spec", "scaleTargetRef", "name").Text());
            Assert.InRange(KubernetesManifests.Number(_manifests.Find("HorizontalPodAutoscaler", name).Find("spec", "minReplicas")), 2, 10);
        }
    }
}
