namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>A service as a deployment starts it.</summary>
/// <param name="Name">By which others find it.</param>
/// <param name="Image">The image that it is started from, without registry and tag.</param>
/// <param name="Plain">The settings that everybody may see.</param>
/// <param name="Secrets">The settings that it has in files, and the secret that each comes from.</param>
/// <param name="Waits">What must be how before it starts, in the words of Compose; null where a deployment has no such order.</param>
/// <param name="ReadyPath">What is asked whether it can work.</param>
internal sealed record DeployedService(
    string Name,
    string Image,
    IReadOnlyDictionary<string, string> Plain,
    IReadOnlyDictionary<string, string> Secrets,
    IReadOnlySet<string>? Waits,
    string? ReadyPath);
