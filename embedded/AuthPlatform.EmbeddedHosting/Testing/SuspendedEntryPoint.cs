using System.Reflection;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>An AppHost's entry point on a thread of its own, held inside Build until the test has made its changes.</summary>
internal sealed class SuspendedEntryPoint(Assembly appHost, string[] args) : EntryPointHook
{
    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _resume = new();

    public static async Task<IDistributedApplicationTestingBuilder> RunAsync(Assembly appHost, string[] args, CancellationToken cancellationToken)
    {
        var main = appHost.EntryPoint ?? throw new InvalidOperationException($"{appHost.GetName().Name} has no entry point.");
        var entryPoint = new SuspendedEntryPoint(appHost, args);
        new Thread(() => entryPoint.Run(main)) { IsBackground = true, Name = $"Entry point of {appHost.GetName().Name}" }.Start();
        return new TestingBuilder(await entryPoint._builder.Task.WaitAsync(cancellationToken), entryPoint);
    }

    public override void Creating(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
        options.Args = settings.Args = [.. settings.Args ?? [], .. args];
        options.AssemblyName = appHost.GetName().Name;
        options.DisableDashboard = true;
        settings.Configuration ??= new ConfigurationManager();
        settings.Configuration.AddInMemoryCollection([new("DcpPublisher:RandomizePorts", "true")]);
    }

    public override void Building(DistributedApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        _builder.SetResult(builder);
        _resume.Task.GetAwaiter().GetResult();
    }

    public override void Built(DistributedApplication application)
    {
        _application.SetResult(application);
        throw new EntryPointLeftException();
    }

    /// <summary>Lets the entry point build its application.</summary>
    public Task<DistributedApplication> ResumeAsync()
    {
        _resume.TrySetResult();
        return _application.Task;
    }

    /// <summary>Ends the entry point if the test never built its application.</summary>
    public void Abandon() => _resume.TrySetException(new EntryPointLeftException());

    private void Run(MethodInfo main)
    {
        Current = this;
        try
        {
            main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()], null);
            Fail(new InvalidOperationException($"The entry point of {appHost.GetName().Name} ended without building an application."));
        }
        catch (EntryPointLeftException)
        {
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    private void Fail(Exception exception)
    {
        _builder.TrySetException(exception);
        _application.TrySetException(exception);
    }

    private sealed class EntryPointLeftException : Exception;

    /// <summary>Ctrl+C and SIGTERM stay with the test runner.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
