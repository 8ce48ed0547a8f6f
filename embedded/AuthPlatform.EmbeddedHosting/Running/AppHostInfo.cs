namespace Aspire.Hosting.Running;

/// <param name="Directory">The folder of the AppHost's project.</param>
/// <param name="RandomizePorts">Take free ports even where the AppHost names one, so that tests can run side by side.</param>
internal sealed record AppHostInfo(string Directory, bool RandomizePorts);
