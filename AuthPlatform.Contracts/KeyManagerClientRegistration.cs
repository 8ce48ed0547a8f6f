using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AuthPlatform.Contracts;

/// <summary>Registers the client of the Key Manager.</summary>
public static class KeyManagerClientRegistration
{
    /// <summary>Adds <see cref="KeyManagerClient"/> with the first secret of section <c>InternalCalls</c>; its address is found by service discovery.</summary>
    public static IServiceCollection AddKeyManagerClient(this IServiceCollection services)
    {
        services.AddInternalCallSecrets();
        services.AddHttpClient<KeyManagerClient>((provider, http) =>
            {
                http.BaseAddress = new Uri($"http://{ResourceNames.KeyManager}");
                http.Timeout = TimeSpan.FromSeconds(5);
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", provider.GetRequiredService<IOptions<InternalCallOptions>>().Value.Secrets[0]);
            })
            .UseInternalConnections();
        return services;
    }
}
