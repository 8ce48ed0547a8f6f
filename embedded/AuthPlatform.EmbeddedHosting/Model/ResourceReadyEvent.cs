namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource became healthy for the first time since it was started.</summary>
public class ResourceReadyEvent(IServiceProvider services)
{
    public IServiceProvider Services { get; } = services;
}
