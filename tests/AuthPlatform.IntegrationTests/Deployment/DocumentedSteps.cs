namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The commands of a document, as they are pasted: a block of them is one script.</summary>
internal static class DocumentedSteps
{
    /// <summary>The only block of docs/deployment.md in which this stands.</summary>
    public static string With(string command) => Assert.Single(
        Repository.Read("docs/deployment.md").Split("```sh\n")[1..].Select(rest => rest[..rest.IndexOf("```", StringComparison.Ordinal)]), steps => steps.Contains(command, StringComparison.Ordinal));
}
