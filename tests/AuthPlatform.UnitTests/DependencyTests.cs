using System.Reflection;

namespace AuthPlatform.UnitTests;

/// <summary>Who may depend on whom (CONTRIBUTING.md).</summary>
public sealed class DependencyTests
{
    [Theory]
    [InlineData("AuthPlatform.Contracts")]
    [InlineData("AuthPlatform.Data")]
    [InlineData("AuthPlatform.ServiceDefaults", "AuthPlatform.Contracts")]
    [InlineData("AuthPlatform.Gateway", "AuthPlatform.Contracts", "AuthPlatform.ServiceDefaults")]
    [InlineData("AuthPlatform.KeyManager", "AuthPlatform.Contracts", "AuthPlatform.Data", "AuthPlatform.ServiceDefaults")]
    [InlineData("AuthPlatform.AdminWeb", "AuthPlatform.Contracts", "AuthPlatform.Data", "AuthPlatform.ServiceDefaults")]
    [InlineData("AuthPlatform.TokenApi", "AuthPlatform.Contracts", "AuthPlatform.Data", "AuthPlatform.ServiceDefaults")]
    [InlineData("AuthPlatform.MigrationWorker", "AuthPlatform.Contracts", "AuthPlatform.Data", "AuthPlatform.ServiceDefaults")]
    [InlineData("authplatform", "AuthPlatform.Contracts", "AuthPlatform.Data", "AuthPlatform.KeyManager", "AuthPlatform.ServiceDefaults")]
    public void Assembly_OfOurs_ReferencesOnlyWhatItMay(string assembly, params string[] allowed)
    {
        var referenced = Assembly.Load(assembly).GetReferencedAssemblies().Select(a => a.Name!).Where(name => name.StartsWith("AuthPlatform.", StringComparison.Ordinal));
        Assert.Empty(referenced.Except(allowed));
    }
}
