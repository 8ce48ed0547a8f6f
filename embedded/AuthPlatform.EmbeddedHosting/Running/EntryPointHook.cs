using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>Lets a test take part when the AppHost's entry point builds its application. Flows with the thread on which the test runs the entry point.</summary>
internal abstract class EntryPointHook
{
    private static readonly AsyncLocal<EntryPointHook?> Flowing = new();

    public static EntryPointHook? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    /// <summary>Before the builder is made.</summary>
    public abstract void Creating(DistributedApplicationOptions options, HostApplicationBuilderSettings settings);

    /// <summary>The entry point called Build; returns when the test does so too.</summary>
    public abstract void Building(DistributedApplicationBuilder builder);

    /// <summary>The application is there; does not return, as the rest of the entry point is the test's.</summary>
    public abstract void Built(DistributedApplication application);
}
