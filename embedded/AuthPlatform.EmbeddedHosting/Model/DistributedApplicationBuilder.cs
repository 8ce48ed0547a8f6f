using System.Collections.ObjectModel;
using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _inner;
    private readonly DistributedApplicationOptions _options;
    private readonly EntryPointHook? _hook;

    public DistributedApplicationBuilder(DistributedApplicationOptions options, HostApplicationBuilderSettings settings, EntryPointHook? hook)
    {
        _options = options;
        _hook = hook;
        AppHostAssembly = options.AssemblyName is { } name ? Assembly.Load(new AssemblyName(name)) : Assembly.GetEntryAssembly();
        settings.ApplicationName ??= AppHostAssembly?.GetName().Name;
        settings.ContentRootPath ??= AppHostAssembly?.Metadata("apphostprojectpath") is { } path && Directory.Exists(path) ? path : AppContext.BaseDirectory;
        // This host is for development and tests: without Development the user secrets, which hold the keys of kept data, would not be read.
        settings.EnvironmentName ??=
            System.Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? System.Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environments.Development;
        _inner = Host.CreateApplicationBuilder(settings);
        AddServices();
    }

    public Assembly? AppHostAssembly { get; }

    public ConfigurationManager Configuration => _inner.Configuration;

    public IHostEnvironment Environment => _inner.Environment;

    public IServiceCollection Services => _inner.Services;

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        if (Resources.Any(present => string.Equals(present.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException($"There are two resources with the name '{resource.Name}'.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        _hook?.Building(this);
        var application = new DistributedApplication(_inner.Build());
        _hook?.Built(application);
        return application;
    }

    private void AddServices()
    {
        Services.AddLogging(logging => logging.AddConsoleFormatter<HostConsoleFormatter, HostConsoleFormatterOptions>());
        Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(options => options.FormatterName = HostConsoleFormatter.FormatterName);
        Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        // A little more than the orchestrator itself allows.
        Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(15));
        Services.AddHttpClient();
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(new DistributedApplicationModel(Resources));
        Services.AddSingleton(new AppHostInfo(Configuration.GetValue<bool>("DcpPublisher:RandomizePorts")));
        Services.Configure<ResourceNotificationServiceOptions>(options => options.DefaultWaitBehavior =
            _options.DisableDashboard ? WaitBehavior.StopOnResourceUnavailable : WaitBehavior.WaitOnResourceUnavailable);
        Services.AddSingleton(services => new ResourceNotificationService(services.GetRequiredService<IOptions<ResourceNotificationServiceOptions>>()));
        Services.AddSingleton(services => new ResourceLoggerService(
            services.GetRequiredService<ILoggerFactory>(), services.GetRequiredService<IHostEnvironment>(), services.GetRequiredService<TimeProvider>()));
        Services.AddSingleton(services => new ResourceCommandService(
            services.GetRequiredService<Orchestrator>(), services.GetRequiredService<ResourceNotificationService>()));
        if (!_options.DisableDashboard)
        {
            if (DashboardEndpoints.Choose(Configuration, DashboardBundle.NodeModules) is { } dashboard)
            {
                Services.AddSingleton(dashboard);
            }

            Services.AddHostedService<DashboardRunner>();
        }

        // Last, so that the dashboard is there before the first resource starts and leaves after the last has stopped.
        Services.AddSingleton<DataFolders>();
        Services.AddSingleton<ResourceLaunchers>();
        Services.AddSingleton<Preflight>();
        Services.AddSingleton<Orchestrator>();
        Services.AddHostedService(services => services.GetRequiredService<Orchestrator>());
    }

    private sealed class ResourceCollection : Collection<IResource>, IResourceCollection;

    private sealed class ResourceBuilder<T>(IDistributedApplicationBuilder builder, T resource) : IResourceBuilder<T>
        where T : IResource
    {
        public IDistributedApplicationBuilder ApplicationBuilder => builder;

        public T Resource => resource;

        public IResourceBuilder<T> WithAnnotation<TAnnotation>(TAnnotation annotation, ResourceAnnotationMutationBehavior behavior)
            where TAnnotation : IResourceAnnotation
        {
            if (behavior == ResourceAnnotationMutationBehavior.Replace)
            {
                foreach (var present in resource.Annotations.OfType<TAnnotation>().ToList())
                {
                    resource.Annotations.Remove(present);
                }
            }

            resource.Annotations.Add(annotation);
            return this;
        }
    }
}
