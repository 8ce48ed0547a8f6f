using System.Diagnostics;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The samples of client applications, run as the documentation says.</summary>
public sealed class QuickstartTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, "v1: token issued, verified and revoked")]
    [InlineData(2, "v1: skipped")]
    public async Task Sample_ForAnyApplication_RunsToItsEnd(short minimumSignatureVersion, string last)
    {
        var application = await platform.CreateApplicationAsync(a => a.MinimumSignatureVersion = minimumSignatureVersion, Cancellation);
        var start = new ProcessStartInfo("python3", [Repository.PathOf("samples/python/quickstart.py")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in SettingsFor(application))
        {
            start.Environment[name] = value;
        }

        using var sample = Process.Start(start)!;
        var (output, errors) = (sample.StandardOutput.ReadToEndAsync(Cancellation), sample.StandardError.ReadToEndAsync(Cancellation));
        await sample.WaitForExitAsync(Cancellation);

        Assert.True(sample.ExitCode == 0, await errors);
        Assert.StartsWith(last, (await output).TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task SigningClient_ForAnApplication_RunsToItsEnd()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        var (exitCode, output) = await ServiceProcess.Start("SigningClient", SettingsFor(application), ends: true).FinishAsync(Cancellation);

        Assert.True(exitCode == 0, output);
        Assert.Equal("revoked: 1 session", output.TrimEnd().Split('\n')[^1].TrimEnd());
    }

    private Dictionary<string, string> SettingsFor(TestApplication application) => new()
    {
        ["GATEWAY_URL"] = platform.Gateway.BaseAddress!.ToString(),
        ["AUTHPLATFORM_CLIENT_ID"] = application.ClientId,
        ["AUTHPLATFORM_CLIENT_SECRET"] = application.Secret,
        // Of a machine behind a proxy, which knows nothing of this one.
        ["http_proxy"] = "http://127.0.0.1:1",
    };
}
