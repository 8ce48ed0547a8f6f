using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Data.Keys;

/// <summary>The database <c>keysdb</c>: who has signing keys, and the keys. Only the Key Manager, the Migration Worker and the operators' command line have its connection string.</summary>
public sealed class KeysDbContext(DbContextOptions<KeysDbContext> options) : DbContext(options)
{
    /// <summary>The applications that have keys.</summary>
    public DbSet<KeyApplication> KeyApplications => Set<KeyApplication>();

    /// <summary>The signing keys, past ones included.</summary>
    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfiguration(new KeyApplicationConfiguration());
        modelBuilder.ApplyConfiguration(new SigningKeyConfiguration());
        modelBuilder.ApplyConfiguration(new KeyRingVersionConfiguration());
        modelBuilder.ApplyConfiguration(new KeyRingChangeConfiguration());
        modelBuilder.UseSnakeCaseNames();
    }
}
