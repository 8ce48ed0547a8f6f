namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource became healthy for the first time since it was started.</summary>
public class ResourceReadyEvent(IResource resource, IServiceProvider services)
{
    public IResource Resource { get; } = resource;

    public IServiceProvider Services { get; } = services;
}
