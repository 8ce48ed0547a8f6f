namespace Aspire.Hosting.Running;

/// <summary>A proxy that a developer's machine needs for the internet knows nothing of what runs on the machine itself; .NET asks it all the same for <c>localhost</c>.</summary>
internal static class ProxyVariables
{
    private const string ThisMachine = "localhost,127.0.0.1,[::1]";

    private static readonly string[] Exempt = ["no_proxy", "NO_PROXY"];

    /// <summary>Exempts this machine, besides whatever is exempt already.</summary>
    public static void SpareThisMachine(IDictionary<string, string?> environment)
    {
        if (!environment.Keys.Any(name => name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)))
        {
            return;
        }

        // In whichever spelling it is read.
        var already = Exempt.Select(name => environment.TryGetValue(name, out var names) ? names : null).FirstOrDefault(names => !string.IsNullOrEmpty(names));
        foreach (var name in Exempt)
        {
            environment[name] = already is null ? ThisMachine : $"{already},{ThisMachine}";
        }
    }
}
