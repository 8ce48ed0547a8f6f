using System.Net;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.ApplicationForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Whoever is named as a resource server takes tokens of others for good: who decides that, and that it goes with what was named.</summary>
public sealed class NamedResourceServerTests(AuthPlatformFixture platform)
{
    private const string Servers = "Input.ResourceServers";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ResourceServer_OfSomebodyElse_IsAddedByManagersAlone()
    {
        var (before, theirs, nobodys) = ("before-" + SignedRequests.Nonce(), platform.Bootstrap.ClientId, "nobody-" + SignedRequests.Nonce());
        var mine = await platform.CreateApplicationAsync(a => a.ResourceServers = [before], Cancellation);
        var second = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.OwnAsync(platform, mine, Cancellation);
        await account.OwnAsync(platform, second, Cancellation);
        using var owner = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(owner, Cancellation);
        using var manager = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);

        var refused = await SaveAsync(owner, mine, (Servers, $"{before}\n{second.ClientId}\n{theirs}\n{nobodys}"));

        Assert.Equal(HttpStatusCode.OK, refused.Status);
        foreach (var server in new[] { theirs, nobodys })
        {
            Assert.Contains($"'{server}' is none of your applications: ask an administrator or an application manager to add it.", refused.Text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain($"'{before}' is", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($"'{second.ClientId}' is", refused.Text, StringComparison.Ordinal);
        Assert.Equal([before], await ServersAsync(mine));

        Assert.Equal(HttpStatusCode.Found, (await SaveAsync(owner, mine, (Servers, $"{before}\n{second.ClientId}"))).Status);
        Assert.Equal([before, second.ClientId], await ServersAsync(mine));
        Assert.Equal(HttpStatusCode.Found, (await SaveAsync(manager, mine, (Servers, $"{theirs}\n{nobodys}"))).Status);
        Assert.Equal([theirs, nobodys], await ServersAsync(mine));

        await owner.SubmitAsync(await owner.GetAsync("/admin/account", Cancellation), "/admin/preferences", Cancellation, ("language", "ko"));
        Assert.Contains("애플리케이션 관리자에게 추가를 요청하세요", (await SaveAsync(owner, mine, (Servers, before))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientId_OfADeletedResourceServer_GivesWhoeverHasItNextNothing()
    {
        var (server, other) = (await platform.CreateApplicationAsync(_ => { }, Cancellation), platform.Bootstrap.ClientId);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId, other], Cancellation);
        var token = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("access_token");
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(server, token, Cancellation)).Status);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);

        Assert.Equal("/admin/applications", (await DeleteAsync(browser, server)).Location);

        Assert.Equal([other], await ServersAsync(application));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var written = await database.AuditEvents.SingleAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.ApplicationChanged && e.Actor != null, Cancellation);
        Assert.Equal($$$"""{"resource_servers": {"after": "{{{other}}}", "before": "{{{server.ClientId}}}, {{{other}}}"}}""", written.Details);
        var next = await RegisterAgainAsync(server);
        await Eventually.TrueAsync(
            async () => await platform.VerifyAsync(next, token, Cancellation) is (HttpStatusCode.Unauthorized, var problem) && problem.Text("code") == ErrorCodes.InvalidToken,
            Eventually.ByMessage,
            Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, token, Cancellation)).Status);
    }

    private async Task<TestApplication> RegisterAgainAsync(TestApplication application)
    {
        var (exitCode, output, error) = await OperatorCli.RunAsync(
            await platform.OperatorEnvironmentAsync(Cancellation), Cancellation, "apps", "create", "--name", "Somebody else's", "--client-id", application.ClientId, "--json");
        Assert.True(exitCode == 0, error);
        return application with { Secret = JsonElement.Parse(output).Text("secret") };
    }

    private async Task<string[]> ServersAsync(TestApplication application)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        return await database.Applications.Where(a => a.ClientId == application.ClientId).Select(a => a.ResourceServers).SingleAsync(Cancellation);
    }
}
