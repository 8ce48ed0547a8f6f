using System.Reflection;

namespace AuthPlatform.ServiceDefaults;

/// <summary>Which version of the platform runs.</summary>
public static class ServiceVersion
{
    /// <summary>The one of <c>Directory.Build.props</c>, and after a plus the revision that it was built from, where that is known.</summary>
    public static string Current { get; } = typeof(ServiceVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
