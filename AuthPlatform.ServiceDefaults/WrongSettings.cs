using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AuthPlatform.ServiceDefaults;

/// <summary>What is found wrong with the settings while a service is put together. It is told when the service starts, together with all else that is refused then.</summary>
internal static class WrongSettings
{
    /// <summary>Lets the service not start.</summary>
    public static void Refuse(this IHostApplicationBuilder builder, string reason) =>
        builder.Services.AddOptions<Settings>().Validate(_ => false, reason).ValidateOnStart();

    private sealed class Settings;
}
