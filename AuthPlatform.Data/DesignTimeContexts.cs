using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace AuthPlatform.Data;

/// <summary>Lets <c>dotnet ef migrations add</c> work with this project alone. It compares models and never connects.</summary>
internal sealed class AuthDesignTimeContext : IDesignTimeDbContextFactory<AuthDbContext>
{
    public AuthDbContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql().Options);
}

/// <summary>The same for <c>keysdb</c>.</summary>
internal sealed class KeysDesignTimeContext : IDesignTimeDbContextFactory<KeysDbContext>
{
    public KeysDbContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<KeysDbContext>().UseNpgsql().Options);
}
