namespace Aspire.Hosting.Running;

/// <param name="RandomizePorts">Take free ports even where the AppHost names one, so that tests can run side by side.</param>
internal sealed record AppHostInfo(bool RandomizePorts);
