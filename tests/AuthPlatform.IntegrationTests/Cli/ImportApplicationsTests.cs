using System.Net;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>What an import brings besides sessions: applications, their keys and their owners.</summary>
public sealed class ImportApplicationsTests(AuthPlatformFixture platform) : IDisposable
{
    private readonly OldDeployment _old = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _old.Dispose();

    [Fact]
    public async Task Import_OfWhatContradictsWhatIsHere_NamesAllOfItAndWritesNothing()
    {
        var here = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var kid = (await platform.IssueAsync(here, SignedRequests.NewUser(), Cancellation)).Text("kid");
        var pem = _old.Pem;
        string[] files =
        [
            _old.Write("clients.csv", $"client_id,client_secret\n{_old.Application.ClientId},{_old.Application.Secret}\n{here.ClientId},{_old.Application.Secret}\n"),
            _old.Write("keys.csv", $"client_id,kid,private_key\n{_old.Application.ClientId},{_old.Kid},\"{pem}\"\n{_old.Application.ClientId},{kid},\"{pem}\"\n"),
        ];

        var (exitCode, output, error) = await _old.RunAsync([.. files, "--apply"]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"clients.csv, line 3: the application '{here.ClientId}' is here with another secret.", error, StringComparison.Ordinal);
        Assert.Contains($"the key '{kid}' is here as another application's.", error, StringComparison.Ordinal);
        Assert.DoesNotContain(_old.Application.Secret, error, StringComparison.Ordinal);
        await using var auth = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        Assert.False(await auth.Applications.AnyAsync(a => a.ClientId == _old.Application.ClientId, Cancellation));
        Assert.False(await keys.KeyApplications.AnyAsync(a => a.ClientId == _old.Application.ClientId, Cancellation));
        Assert.False(await keys.SigningKeys.AnyAsync(k => k.Kid == _old.Kid, Cancellation));
    }

    [Fact]
    public async Task Import_OfApplicationsAlone_LetsTheKeyManagerMakeTheirKeys()
    {
        Assert.Equal((1, 0, 0, 0), await _old.ImportAsync(_old.WriteClients(_old.Application), "--apply"));

        await Eventually.TrueAsync(
            async () => (await platform.SendSignedAsync(_old.Application, "/auth/token", () => SignedRequests.TokenBody(SignedRequests.NewUser()), Cancellation)).Status == HttpStatusCode.OK,
            Cancellation);
    }

    [Fact]
    public async Task Import_OfAKeyThatCannotBeCalledSo_NamesItsLineAndWritesNoKeyOfAnyApplication()
    {
        var other = _old.Application with { ClientId = SignedRequests.Nonce()[..10] };
        string[] files =
        [
            _old.WriteClients(_old.Application, other),
            _old.Write("keys.csv", $"client_id,kid,private_key\n{_old.Application.ClientId},{_old.Kid},\"{_old.PemInOneLine}\"\n{other.ClientId},b:2024,\"{_old.PemInOneLine}\"\n"),
        ];

        string[][] runs = [files, [.. files, "--apply"]];
        foreach (var arguments in runs)
        {
            var (exitCode, output, error) = await _old.RunAsync(arguments);
            Assert.Equal((1, ""), (exitCode, output));
            Assert.Contains("keys.csv, line 3: 'b:2024' is no name of a key", error, StringComparison.Ordinal);
        }

        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        Assert.False(await keys.SigningKeys.AnyAsync(k => k.Kid == _old.Kid, Cancellation));
        Assert.False(await keys.KeyApplications.AnyAsync(a => a.ClientId == _old.Application.ClientId || a.ClientId == other.ClientId, Cancellation));
    }

    [Fact]
    public async Task Import_WithLifetimes_GivesThemToTheApplicationsThatItMakesAlone()
    {
        var here = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        var (exitCode, _, warning) = await _old.RunAsync(_old.WriteClients(_old.Application, here), "--apply", "--access-lifetime", "15m", "--refresh-idle", "40d", "--refresh-absolute", "60d");

        Assert.Equal(0, exitCode);
        var told = Assert.Single(warning.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"the application '{here.ClientId}' is here already and stays as it is", told, StringComparison.Ordinal);
        Assert.Contains(", access-lifetime 5m instead of 15m, refresh-idle 7d instead of 40d, refresh-absolute 30d instead of 60d.", told, StringComparison.Ordinal);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var lifetimes = await database.Applications
            .Where(a => a.ClientId == _old.Application.ClientId || a.ClientId == here.ClientId)
            .ToDictionaryAsync(a => a.ClientId, a => (a.AccessLifetimeSeconds, a.RefreshIdleSeconds, a.RefreshAbsoluteSeconds), Cancellation);
        Assert.Equal((15 * 60, 40 * 86_400, 60 * 86_400), lifetimes[_old.Application.ClientId]);
        Assert.Equal((300, 7 * 86_400, 30 * 86_400), lifetimes[here.ClientId]);
    }

    [Fact]
    public async Task Import_WithLifetimesThatNoApplicationCanHave_SaysSoOnceAndWritesNothing()
    {
        var other = _old.Application with { ClientId = SignedRequests.Nonce()[..10] };

        var (exitCode, output, error) = await _old.RunAsync(_old.WriteClients(_old.Application, other), "--apply", "--refresh-idle", "40d");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(
            "error: The time after which an unused session ends must be at least 60 s and at most its longest life",
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.False(await database.Applications.AnyAsync(a => a.ClientId == _old.Application.ClientId || a.ClientId == other.ClientId, Cancellation));
    }

    [Fact]
    public async Task Import_OfKeysAndOwners_IsInTheAudit()
    {
        var owner = await AdminAccount.CreateAsync(platform, Cancellation);
        var clients = _old.Write(
            "clients.csv", $"client_id,client_secret,owners\n{_old.Application.ClientId},{_old.Application.Secret},\"{owner.UserName},{owner.UserName.ToUpperInvariant()}\"\n");

        await _old.ImportAsync(clients, _old.WriteKeys(), "--apply");

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var events = await database.AuditEvents.Where(e => e.ClientId == _old.Application.ClientId).Select(e => new { e.Kind, e.Actor, e.Details }).ToListAsync(Cancellation);
        Assert.Equal(
            [AuditKinds.ApplicationCreated, AuditKinds.KeysImported, AuditKinds.OwnerAdded, AuditKinds.SecretAdded], events.Select(e => e.Kind).Order(StringComparer.Ordinal));
        Assert.All(events, e => Assert.StartsWith("cli:", e.Actor, StringComparison.Ordinal));
        Assert.Contains(_old.Kid, events.Single(e => e.Kind == AuditKinds.KeysImported).Details, StringComparison.Ordinal);
        Assert.Contains(owner.UserName, events.Single(e => e.Kind == AuditKinds.OwnerAdded).Details, StringComparison.Ordinal);
    }
}
