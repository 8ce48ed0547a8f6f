using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// <c>--health [path]</c>: a service's own program asks the service that runs beside it with the same settings, and says by its exit code how it is. Containers are checked
/// with it, because their images hold no other program that could ask.
/// </summary>
public static class HealthCommand
{
    private const string Argument = "--health";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>0 when the service is well, 1 when it is not or does not answer; null when the arguments ask for no check.</summary>
    public static async Task<int?> RunAsync(string[] arguments)
    {
        if (arguments is not [Argument, .. var path])
        {
            return null;
        }

        var settings = new ConfigurationBuilder().AddEnvironmentVariables("DOTNET_").AddEnvironmentVariables("ASPNETCORE_").Build();
        // The certificate is for the public name; it is not asked about here, because nothing secret is sent and nobody else listens at this port.
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator, UseProxy = false };
        using var http = new HttpClient(handler) { BaseAddress = AddressOf(settings), Timeout = Patience };
        try
        {
            using var response = await http.GetAsync(new Uri(path is [var asked, ..] ? asked : $"{HealthEndpoints.Root}/live", UriKind.Relative));
            await Console.Out.WriteLineAsync(await response.Content.ReadAsStringAsync());
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    /// <summary>Where a service with these settings listens, seen from the same machine.</summary>
    internal static Uri AddressOf(IConfiguration settings)
    {
        var first = (settings["URLS"] ?? Ports("http", settings["HTTP_PORTS"]) ?? Ports("https", settings["HTTPS_PORTS"]) ?? "http://localhost:5000").Split(';')[0];
        var address = BindingAddress.Parse(first.Trim());
        return new UriBuilder(address.Scheme, address.Host is "+" or "*" or "0.0.0.0" or "[::]" ? "localhost" : address.Host, address.Port).Uri;
    }

    private static string? Ports(string scheme, string? ports) => string.IsNullOrWhiteSpace(ports) ? null : $"{scheme}://*:{ports.Split(';')[0].Trim()}";
}
