using AuthPlatform.Data.Admin;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Data.Auth;

/// <summary>The database <c>authdb</c>: applications, their secrets and sessions, and what refuses tokens and requests that were good once.</summary>
public sealed class AuthDbContext(DbContextOptions<AuthDbContext> options) : DbContext(options)
{
    /// <summary>The registered applications.</summary>
    public DbSet<Application> Applications => Set<Application>();

    /// <summary>The secrets that applications sign with, at most two for each.</summary>
    public DbSet<ApplicationSecret> ApplicationSecrets => Set<ApplicationSecret>();

    /// <summary>The live sessions.</summary>
    public DbSet<Session> Sessions => Set<Session>();

    /// <summary>The tokens that died before their time.</summary>
    public DbSet<Revocation> Revocations => Set<Revocation>();

    /// <summary>The requests seen while Redis was away.</summary>
    public DbSet<ReplayEntry> ReplayEntries => Set<ReplayEntry>();

    /// <summary>The tokens of an older service that live on.</summary>
    public DbSet<ImportedToken> ImportedTokens => Set<ImportedToken>();

    /// <summary>What happened. Add to it by <see cref="AuditTrail"/>; rows cannot be changed.</summary>
    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();

    /// <summary>What protects the cookies and forms of the administrators' pages.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <summary>The people who sign in to the administrators' pages.</summary>
    public DbSet<Administrator> Administrators => Set<Administrator>();

    /// <summary>Their passkeys.</summary>
    public DbSet<AdministratorPasskey> AdministratorPasskeys => Set<AdministratorPasskey>();

    /// <summary>Where they are signed in.</summary>
    public DbSet<AdministratorSession> AdministratorSessions => Set<AdministratorSession>();

    /// <summary>Links by which they set up their sign-in.</summary>
    public DbSet<AdministratorLink> AdministratorLinks => Set<AdministratorLink>();

    /// <summary>Who sees to which application.</summary>
    public DbSet<ApplicationOwner> ApplicationOwners => Set<ApplicationOwner>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfiguration(new ApplicationConfiguration());
        modelBuilder.ApplyConfiguration(new ApplicationSecretConfiguration());
        modelBuilder.ApplyConfiguration(new SessionConfiguration());
        modelBuilder.ApplyConfiguration(new RevocationConfiguration());
        modelBuilder.ApplyConfiguration(new LeaseConfiguration());
        modelBuilder.ApplyConfiguration(new ReplayEntryConfiguration());
        modelBuilder.ApplyConfiguration(new ImportedTokenConfiguration());
        modelBuilder.ApplyConfiguration(new DataProtectionKeyConfiguration());
        modelBuilder.ApplyConfiguration(new AuditEventConfiguration());
        modelBuilder.ApplyConfiguration(new AdministratorConfiguration());
        modelBuilder.ApplyConfiguration(new AdministratorPasskeyConfiguration());
        modelBuilder.ApplyConfiguration(new AdministratorSessionConfiguration());
        modelBuilder.ApplyConfiguration(new AdministratorLinkConfiguration());
        modelBuilder.ApplyConfiguration(new SignInDelayConfiguration());
        modelBuilder.ApplyConfiguration(new ApplicationOwnerConfiguration());
        modelBuilder.ApplyConfiguration(new TrafficCountConfiguration());
        modelBuilder.UseSnakeCaseNames();
    }
}
