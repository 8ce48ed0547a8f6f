using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>An import of applications that are here already, as the older service's own is where its <c>CLIENT_ID</c> was taken over.</summary>
public sealed class ImportOverApplicationsTests(AuthPlatformFixture platform) : IDisposable
{
    private readonly OldDeployment _old = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _old.Dispose();

    [Fact]
    public async Task Import_OfTheOlderServicesOwnApplication_FindsItAsItsClientsKnowIt()
    {
        var databases = new FreshDatabases(platform);
        var settings = await databases.EnvironmentAsync(Cancellation);
        settings.Remove("Bootstrap__ClientId");
        settings.Remove("Bootstrap__ClientSecret");
        var variables = new Dictionary<string, string>(settings) { ["CLIENT_ID"] = _old.Application.ClientId, ["CLIENT_SECRET"] = _old.Application.Secret };
        var (migrated, log) = await ServiceProcess.Start("AuthPlatform.MigrationWorker", variables).FinishAsync(Cancellation);
        Assert.True(migrated == 0, log);

        var (exitCode, _, error) = await OldDeployment.RunAsync(settings, _old.WriteClients(_old.Application), "--apply");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(
            "1 seed jwt",
            await databases.ReadAsync(ResourceNames.AuthDatabase, "SELECT concat_ws(' ', minimum_signature_version, claims_profile, refresh_format) FROM applications", Cancellation));
    }

    [Fact]
    public async Task Import_OfAnApplicationThatOurOwnSettingsMade_NamesWhatItsClientsDoNotKnow()
    {
        var settings = await new FreshDatabases(platform).MigratedAsync(Cancellation);

        var (exitCode, _, warning) = await OldDeployment.RunAsync(settings, _old.WriteClients(new TestApplication(FreshDatabases.ClientId, FreshDatabases.ClientSecret)), "--apply");

        Assert.Equal(0, exitCode);
        Assert.Contains("is here already and stays as it is, with claims-profile rfc9068 instead of seed, refresh-format opaque instead of jwt. 'authplatform apps set'", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0.0.0.0/0,::/0")]
    public async Task Import_OfAnApplicationThatLetsEverybodyInHere_WritesNothingUntilItIsRestricted(string everybody)
    {
        var here = await platform.CreateApplicationAsync(a => a.AllowedIps = everybody.Split(',', StringSplitOptions.RemoveEmptyEntries), Cancellation);
        var clients = _old.Write(
            "clients.csv",
            $"client_id,client_secret,allowed_ips\n{_old.Application.ClientId},{_old.Application.Secret},\n{here.ClientId},{here.Secret},10.0.0.0/8;2001:db8::/32\n");

        string[][] runs = [[clients], [clients, "--apply"]];
        foreach (var arguments in runs)
        {
            var (exitCode, output, error) = await _old.RunAsync(arguments);
            Assert.Equal((1, ""), (exitCode, output));
            Assert.Contains($"clients.csv, line 3: the application '{here.ClientId}' is here and lets every address in, the older service only some.", error, StringComparison.Ordinal);
            Assert.Contains($"authplatform apps set {here.ClientId} --allowed-ips \"10.0.0.0/8,2001:db8::/32\"", error, StringComparison.Ordinal);
        }

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.False(await database.Applications.AnyAsync(a => a.ClientId == _old.Application.ClientId, Cancellation));

        var (restricted, _, _) = await OperatorCli.RunAsync(
            await platform.OperatorEnvironmentAsync(Cancellation), Cancellation, "apps", "set", here.ClientId, "--allowed-ips", "10.0.0.0/8,2001:db8::/32");
        Assert.Equal(0, restricted);
        var (imported, _, warning) = await _old.RunAsync(clients, "--apply");
        Assert.Equal(0, imported);
        Assert.DoesNotContain("allowed-ips", warning, StringComparison.Ordinal);
    }

    /// <summary>However either of them says that it does.</summary>
    [Theory]
    [InlineData("", "0.0.0.0/0,::/0")]
    [InlineData("::/0,0.0.0.0/0", "")]
    public async Task Import_OfAnApplicationThatLetsEverybodyInOnBothSides_HasNothingToSayOfThat(string allowedHere, string allowedThere)
    {
        var here = await platform.CreateApplicationAsync(a => a.AllowedIps = allowedHere.Split(',', StringSplitOptions.RemoveEmptyEntries), Cancellation);

        var (exitCode, _, warning) = await _old.RunAsync(_old.Write("clients.csv", $"client_id,client_secret,allowed_ips\n{here.ClientId},{here.Secret},\"{allowedThere}\"\n"), "--apply");

        Assert.Equal(0, exitCode);
        Assert.Contains("refresh-format opaque instead of jwt", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("allowed-ips", warning, StringComparison.Ordinal);
    }

    /// <summary>Administrators may have meant it.</summary>
    [Fact]
    public async Task Import_OfAnApplicationThatLetsMoreInHereButNotAll_IsDoneWithAWarning()
    {
        var here = await platform.CreateApplicationAsync(a => a.AllowedIps = ["0.0.0.0/0"], Cancellation);

        var (exitCode, _, warning) = await _old.RunAsync(_old.Write("clients.csv", $"client_id,client_secret,allowed_ips\n{here.ClientId},{here.Secret},10.0.0.0/8\n"), "--apply");

        Assert.Equal(0, exitCode);
        Assert.Contains("allowed-ips 0.0.0.0/0 instead of 10.0.0.0/8.", warning, StringComparison.Ordinal);
    }

    /// <summary>Only what was said, and only where it is otherwise.</summary>
    [Fact]
    public async Task Import_WithLifetimesOverAnApplicationThatIsHere_NamesThoseThatItHasOtherwise()
    {
        var here = await platform.CreateApplicationAsync(a => (a.AccessLifetimeSeconds, a.RefreshAbsoluteSeconds) = (600, 60 * 86_400), Cancellation);

        var (exitCode, _, warning) = await _old.RunAsync(_old.WriteClients(here), "--apply", "--refresh-idle", "40d", "--refresh-absolute", "60d");

        Assert.Equal(0, exitCode);
        Assert.Contains("refresh-format opaque instead of jwt, refresh-idle 7d instead of 40d. 'authplatform apps set' changes that.", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfAnApplicationThatIsOtherwiseHere_NamesAllThatIsOtherwiseAndLeavesIt()
    {
        var owner = await AdminAccount.CreateAsync(platform, Cancellation);
        var nobody = "nobody-" + SignedRequests.Nonce()[..12];
        var here = await platform.CreateApplicationAsync(a => a.AllowedIps = ["10.0.0.0/16"], Cancellation);
        var alike = await platform.CreateApplicationAsync(
            a =>
            {
                (a.MinimumSignatureVersion, a.ClaimsProfile, a.RefreshFormat) = (1, ClaimsProfiles.Seed, RefreshFormats.Jwt);
                a.AllowedIps = ["10.0.0.0/255.0.0.0"];
            },
            Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        database.ApplicationOwners.Add(new ApplicationOwner
        {
            ApplicationId = await database.Applications.Where(a => a.ClientId == alike.ClientId).Select(a => a.Id).SingleAsync(Cancellation),
            AdministratorId = owner.Id,
        });
        await database.SaveChangesAsync(Cancellation);
        var clients = _old.Write(
            "clients.csv",
            $"client_id,client_secret,allowed_ips,owners\n{here.ClientId},{here.Secret},10.0.0.0/8,\"{owner.UserName},{nobody}\"\n{alike.ClientId},{alike.Secret},10.0.0.0/8,{owner.UserName}\n");

        var (exitCode, _, warnings) = await _old.RunAsync(clients, "--apply");

        Assert.Equal(0, exitCode);
        var application = $"warning: clients.csv, line 2: the application '{here.ClientId}' is here already";
        Assert.Contains(
            $"{application} and stays as it is, with min-signature 2 instead of 1, claims-profile rfc9068 instead of seed, refresh-format opaque instead of jwt, "
            + "allowed-ips 10.0.0.0/16 instead of 10.0.0.0/8. 'authplatform apps set' changes that.",
            warnings,
            StringComparison.Ordinal);
        Assert.Contains($"{application}, without the owner(s) {owner.UserName}, {nobody}: make them owners", warnings, StringComparison.Ordinal);
        Assert.Contains($"Nobody is here as {nobody}:", warnings, StringComparison.Ordinal);
        Assert.DoesNotContain(alike.ClientId, warnings, StringComparison.Ordinal);
        var row = await database.Applications.AsNoTracking().SingleAsync(a => a.ClientId == here.ClientId, Cancellation);
        Assert.Equal(((short)2, ClaimsProfiles.Rfc9068, "10.0.0.0/16"), (row.MinimumSignatureVersion, row.ClaimsProfile, Assert.Single(row.AllowedIps)));
        Assert.False(await database.ApplicationOwners.AnyAsync(o => o.ApplicationId == row.Id, Cancellation));
    }
}
