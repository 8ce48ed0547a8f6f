using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>Whom the audit names for what the command line does.</summary>
public sealed class AuditActorTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Operator_WhoSaysWhoTheyAre_IsInTheAuditByThatName()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        var (exitCode, error) = await DisableAsync(application, " ada@example.com ");

        Assert.Equal((0, ""), (exitCode, error));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(
            "cli:ada@example.com",
            await database.AuditEvents.Where(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.ApplicationChanged).Select(e => e.Actor).SingleAsync(Cancellation));
    }

    [Fact]
    public async Task Operator_WithANameThatIsNone_IsRefusedBeforeAnythingIsDone()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        var (exitCode, error) = await DisableAsync(application, "ada\u001b[2J");

        Assert.Equal((1, "error: AUTHPLATFORM_OPERATOR must have at most 100 characters, none of them a control character."), (exitCode, error));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.True(await database.Applications.Where(a => a.ClientId == application.ClientId).Select(a => a.Enabled).SingleAsync(Cancellation));
    }

    private async Task<(int ExitCode, string Error)> DisableAsync(TestApplication application, string name)
    {
        var settings = await platform.OperatorEnvironmentAsync(Cancellation);
        settings["AUTHPLATFORM_OPERATOR"] = name;
        var (exitCode, _, error) = await OperatorCli.RunAsync(settings, Cancellation, "apps", "disable", application.ClientId, "--yes");
        return (exitCode, error.Trim());
    }
}
