using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace AuthPlatform.ServiceDefaults;

/// <summary>Who may say in <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> where a request came from: a list of addresses, never everybody.</summary>
public static class TrustedProxies
{
    /// <summary>Processes of this machine, where the gateway is unless somebody says otherwise.</summary>
    public static string[] Loopback { get; } = ["127.0.0.0/8", "::1"];

    private const string Section = "TrustedProxies";

    /// <summary>
    /// Reads <c>TrustedProxies:Addresses</c> (addresses or networks such as <c>10.0.0.0/8</c>) and <c>TrustedProxies:Hops</c> (how many proxies a request passes at most,
    /// 1–5, default 1). Refuses what it cannot read with an <see cref="OptionsValidationException"/> at start.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="byDefault">Who is trusted while nobody is named.</param>
    public static void AddTrustedProxies(this IHostApplicationBuilder builder, params string[] byDefault)
    {
        var settings = builder.Configuration.GetSection(Section);
        var named = settings.GetSection("Addresses").Get<string[]>();
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure(forwarded => Apply(forwarded, named ?? byDefault, settings["Hops"])).ValidateOnStart();
    }

    internal static void Apply(ForwardedHeadersOptions forwarded, string[] addresses, string? hops)
    {
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var address in addresses)
        {
            forwarded.KnownIPNetworks.Add(Parse(address));
        }

        forwarded.ForwardLimit = string.IsNullOrEmpty(hops) ? 1
            : int.TryParse(hops, out var limit) && limit is >= 1 and <= 5 ? limit
            : throw Refusal($"{Section}:Hops must be a number from 1 to 5, not '{hops}'.");
        // The framework takes an empty list for "believe everybody".
        forwarded.ForwardedHeaders = addresses.Length == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
    }

    private static IPNetwork Parse(string text)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        }

        return IPNetwork.TryParse(text, out var network) && network.PrefixLength > 0 ? network
            : throw Refusal($"{Section}:Addresses holds '{text}', which is neither an address nor a network such as 10.0.0.0/8.");
    }

    private static OptionsValidationException Refusal(string reason) => new(Section, typeof(ForwardedHeadersOptions), [reason]);
}
