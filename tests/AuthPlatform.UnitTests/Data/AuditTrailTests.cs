using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;

namespace AuthPlatform.UnitTests.Data;

public sealed class AuditTrailTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2030, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly AuthDbContext _database = new AuthDesignTimeContext().CreateDbContext([]);
    private readonly EnvelopeCipher _cipher = new(["key-encryption-0123456789abcdef0123456789"]);

    public void Dispose() => _database.Dispose();

    [Fact]
    public void NewApplication_WithASecret_GivesAnEventForEach()
    {
        var application = NewApplication();
        _database.Applications.Add(application);

        Assert.Equal([(AuditKinds.ApplicationCreated, """{"name":"Shop"}"""), (AuditKinds.SecretAdded, """{"slot":1}""")], Audit(application));
        var written = _database.AuditEvents.Local.First();
        Assert.Equal((application.Id, application.ClientId, "cli:tester", "192.0.2.1", Now), (written.ApplicationId, written.ClientId, written.Actor, written.Address, written.OccurredAt));
    }

    [Fact]
    public void ChangedSettings_WithTheSecretsEnd_AreShownBeforeAndAfterAndNothingElse()
    {
        var application = NewApplication();
        _database.Attach(application);
        application.AccessLifetimeSeconds = 60;
        application.AllowedIps = ["10.0.0.0/8", "::1"];
        application.Name = new string('x', 1001);
        application.UpdatedAt = Now.AddDays(1);
        application.RefreshKeyEncrypted = [1, 2, 3];
        application.Secrets.Single().ExpiresAt = Now.AddDays(1);

        var settings = $$$"""
            {"access_lifetime_seconds":{"before":300,"after":60},"allowed_ips":{"before":"","after":"10.0.0.0/8, ::1"},"name":{"before":"Shop","after":"{{{new string('x', 1000)}}}…"}}
            """;
        Assert.Equal(
            [(AuditKinds.ApplicationChanged, settings), (AuditKinds.SecretExpiryChanged, """{"slot":1,"expires_at":"2030-05-02T12:00:00+00:00"}""")],
            Audit(application));
    }

    [Fact]
    public void RemovedSecret_GivesAnEvent()
    {
        var application = NewApplication();
        _database.Attach(application);
        application.Secrets.Clear();

        Assert.Equal([(AuditKinds.SecretRemoved, """{"slot":1}""")], Audit(application));
    }

    [Fact]
    public void UnchangedApplication_GivesNoEvent()
    {
        var application = NewApplication();
        _database.Attach(application);
        application.UpdatedAt = Now.AddDays(1);

        Assert.Empty(Audit(application));
    }

    private Application NewApplication()
    {
        var application = ApplicationRegistration.NewApplication("shop", "Shop", _cipher, Now);
        application.Secrets.Add(ApplicationRegistration.NewSecret(application.Id, 1, "cs_secret", _cipher, Now));
        return application;
    }

    private IEnumerable<(string Kind, string? Details)> Audit(Application application)
    {
        _database.AuditChanges(application, "cli:tester", Now, "192.0.2.1");
        return _database.AuditEvents.Local.Select(e => (e.Kind, e.Details));
    }
}
