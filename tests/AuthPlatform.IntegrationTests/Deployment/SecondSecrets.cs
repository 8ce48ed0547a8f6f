namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The secrets that are rotated by giving services two of them for a while (docs/operations.md).</summary>
internal static class SecondSecrets
{
    private static readonly string[] Lists = ["Encryption__Keys__", "InternalCalls__Secrets__", "DatabaseRoles__TokenApi__", "DatabaseRoles__AdminWeb__", "DatabaseRoles__KeyManager__"];

    /// <summary>What a service has besides then: the settings, and the secret that each comes from.</summary>
    public static IEnumerable<(string Setting, string Secret)> Of(DeployedService service) =>
        Lists.Where(list => service.Secrets.ContainsKey($"{list}0")).Select(list => ($"{list}1", $"{service.Secrets[$"{list}0"]}-1"));
}
