using System.Diagnostics;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The sample that the README begins with, run as it says.</summary>
public sealed class QuickstartTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, "v1: token issued, verified and revoked")]
    [InlineData(2, "v1: skipped")]
    public async Task Sample_ForAnyApplication_RunsToItsEnd(short minimumSignatureVersion, string last)
    {
        var application = await platform.CreateApplicationAsync(a => a.MinimumSignatureVersion = minimumSignatureVersion, Cancellation);
        var start = new ProcessStartInfo("python3", [Path.GetFullPath(Path.Combine(new Projects.AuthPlatform_Gateway().ProjectPath, "../../samples/python/quickstart.py"))])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["GATEWAY_URL"] = platform.Gateway.BaseAddress!.ToString(),
                ["AUTHPLATFORM_CLIENT_ID"] = application.ClientId,
                ["AUTHPLATFORM_CLIENT_SECRET"] = application.Secret,
                // Of a machine behind a proxy, which knows nothing of this one.
                ["http_proxy"] = "http://127.0.0.1:1",
            },
        };

        using var sample = Process.Start(start)!;
        var (output, errors) = (sample.StandardOutput.ReadToEndAsync(Cancellation), sample.StandardError.ReadToEndAsync(Cancellation));
        await sample.WaitForExitAsync(Cancellation);

        Assert.True(sample.ExitCode == 0, await errors);
        Assert.StartsWith(last, (await output).TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }
}
