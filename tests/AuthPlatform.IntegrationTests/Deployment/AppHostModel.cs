using System.Text.RegularExpressions;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>What AppHost.cs says, in the terms of a deployment.</summary>
internal sealed partial class AppHostModel
{
    private readonly HashSet<string> _secretParameters;

    private AppHostModel(IReadOnlyList<Service> services, IReadOnlyList<string> stores, HashSet<string> secretParameters) =>
        (Services, Stores, _secretParameters) = (services, stores, secretParameters);

    /// <summary>Read once for all tests.</summary>
    public static Task<AppHostModel> Current { get; } = ReadAsync();

    public IReadOnlyList<Service> Services { get; }

    /// <summary>What is neither of ours nor a part of something else, such as the database server.</summary>
    public IReadOnlyList<string> Stores { get; }

    /// <summary>The only one that can be reached from outside.</summary>
    public Service Public => Services.Single(service => service.PublicPort is not null);

    /// <summary>Whether a value is, or holds, something that nobody but the service may see.</summary>
    public bool IsSecret(string expression) => Reference().Matches(expression).Any(reference =>
        reference.Groups["part"].Value == "connectionString" || (reference.Groups["part"].Value == "value" && _secretParameters.Contains(reference.Groups["name"].Value)));

    /// <summary>The resource that a value is the address of.</summary>
    public static string? AddressIn(string expression) =>
        Reference().Match(expression) is { Success: true } reference && reference.Value == expression && reference.Groups["part"].Value == "bindings" ? reference.Groups["name"].Value : null;

    /// <summary>Reads the model as it is published: nothing is started, and values stay references.</summary>
    private static async Task<AppHostModel> ReadAsync()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AuthPlatform_AppHost>(["--Stores:Keep=false"]);
        var services = new List<Service>();
        foreach (var project in builder.Resources.OfType<ProjectResource>())
        {
            services.Add(new Service(
                project.Name,
                Path.GetFileNameWithoutExtension(project.Annotations.OfType<IProjectMetadata>().Single().ProjectPath),
                await SettingsAsync(project),
                project.Annotations.OfType<WaitAnnotation>().Select(Wait).ToHashSet(),
                project.Annotations.OfType<HealthCheckAnnotation>().Select(check => CheckedPath().Match(check.Key)).SingleOrDefault(match => match.Success)?.Groups[1].Value,
                project.Annotations.OfType<EndpointAnnotation>().SingleOrDefault(endpoint => endpoint.IsExternal)?.Port));
        }

        return new AppHostModel(
            services,
            [.. builder.Resources.OfType<ContainerResource>().Select(container => container.Name)],
            builder.Resources.OfType<ParameterResource>().Where(parameter => parameter.Secret).Select(parameter => parameter.Name).ToHashSet());
    }

    private static async Task<Dictionary<string, string>> SettingsAsync(ProjectResource project)
    {
        var published = new DistributedApplicationExecutionContext(DistributedApplicationOperation.Publish);
        var context = new EnvironmentCallbackContext(published, project);
        foreach (var annotation in project.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        // Others, such as OTEL_SERVICE_NAME, are the host's own.
        return context.EnvironmentVariables.Where(variable => variable.Key.Contains("__", StringComparison.Ordinal))
            .ToDictionary(variable => variable.Key, variable => variable.Value is IManifestExpressionProvider reference ? reference.ValueExpression : $"{variable.Value}");
    }

    private static string Wait(WaitAnnotation wait)
    {
        var owner = wait.Resource is IResourceWithParent part ? part.Parent.Name : wait.Resource.Name;
        return $"{owner}: {(wait.WaitType == WaitType.WaitForCompletion ? "service_completed_successfully" : "service_healthy")}";
    }

    [GeneratedRegex(@"\{(?<name>[^.{}]+)\.(?<part>[^.{}]+)[^{}]*\}")]
    private static partial Regex Reference();

    [GeneratedRegex("^(?:ConnectionStrings|services)__(.+?)(?:__|$)")]
    private static partial Regex Connection();

    [GeneratedRegex("_http_(/.*)_200_check$")]
    private static partial Regex CheckedPath();

    /// <param name="Name">Of the resource.</param>
    /// <param name="Project">That it runs.</param>
    /// <param name="Settings">Names of variables, and what their values refer to.</param>
    /// <param name="Waits">In the words of Compose.</param>
    /// <param name="ReadyPath">What is asked whether it can work.</param>
    /// <param name="PublicPort">Where everybody reaches it.</param>
    internal sealed record Service(
        string Name, string Project, IReadOnlyDictionary<string, string> Settings, IReadOnlySet<string> Waits, string? ReadyPath, int? PublicPort)
    {
        /// <summary>The services and stores that it talks to.</summary>
        public IReadOnlySet<string> Partners { get; } = Settings.Keys.Select(name => Connection().Match(name)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToHashSet();
    }
}
