using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>What is wrong with the settings ends a service with a sentence, not with a crash, also where it is found before the service is put together.</summary>
public sealed class RefusedSettingsTests
{
    [Theory]
    [InlineData("AuthPlatform.KeyManager", "ConnectionStrings__keysdb", "", "No connection string 'keysdb'")]
    [InlineData("AuthPlatform.KeyManager", "ConnectionStrings__redis", "password=hunter2", "ConnectionStrings__redis cannot be read")]
    [InlineData("AuthPlatform.KeyManager", "Keys__KeySize", "big", "'Keys:KeySize'")]
    [InlineData("AuthPlatform.TokenApi", "ConnectionStrings__authdb", "Host=localhost;Password=a;hunter2", "ConnectionStrings__authdb cannot be read")]
    [InlineData("AuthPlatform.AdminWeb", "ConnectionStrings__authdb", "Password=hunter2", "ConnectionStrings__authdb cannot be read")]
    [InlineData("AuthPlatform.AdminWeb", "Tokens__PublicUrl", "example.com/id", "Tokens:PublicUrl must be an absolute http or https URL")]
    [InlineData("AuthPlatform.MigrationWorker", "ConnectionStrings__keysdb", "", "No connection string 'keysdb'")]
    [InlineData("AuthPlatform.MigrationWorker", "Audit__RetentionDays", "6 months", "'Audit:RetentionDays'")]
    public async Task Service_WithASettingThatCannotBeRead_SaysSoInOneLineAndExitsWithOne(string service, string setting, string value, string says)
    {
        var settings = new Dictionary<string, string> { [setting] = value, ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" };
        var (exitCode, log) = await ServiceProcess.Start(service, settings, ends: true).FinishAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, exitCode);
        Assert.Contains(says, Assert.Single(log.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", log, StringComparison.Ordinal);
    }
}
