using System.Diagnostics;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>Programs that operators of a cluster use, run on the example.</summary>
internal static class KubernetesTools
{
    public static async Task<(int ExitCode, string Log)> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUSTOMIZATION"] = Repository.PathOf("deploy/kubernetes/example/cli");
        return await Process.Start(start)!.FinishAsync(cancellationToken);
    }
}
