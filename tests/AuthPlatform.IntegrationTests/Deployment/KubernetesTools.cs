using System.Diagnostics;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>Programs that operators of a cluster use, run on the example.</summary>
internal static class KubernetesTools
{
    /// <param name="program">Its name.</param>
    /// <param name="arguments">What it is told.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="operatorName">Who says that they run it.</param>
    public static async Task<(int ExitCode, string Log)> RunAsync(string program, string[] arguments, CancellationToken cancellationToken, string operatorName = "")
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUSTOMIZATION"] = Repository.PathOf("deploy/kubernetes/example/cli");
        start.Environment["AUTHPLATFORM_OPERATOR"] = operatorName;
        return await Process.Start(start)!.FinishAsync(cancellationToken);
    }
}
