using Microsoft.Extensions.DependencyInjection;

namespace AuthPlatform.Contracts;

/// <summary>The secrets that services of the platform show each other, section <c>InternalCalls</c>.</summary>
public sealed class InternalCallOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "InternalCalls";

    /// <summary>Fewest characters of a secret.</summary>
    public const int MinimumSecretLength = 32;

    /// <summary>
    /// Random strings of at least 32 printable ASCII characters, newest first. A caller sends the first, the called service takes any: roll a new one out behind the
    /// old one, then in front of it, then remove the old one. There is no default; a service without one does not start.
    /// </summary>
    public IList<string> Secrets { get; } = [];
}

/// <summary>Registers the secrets of internal calls.</summary>
public static class InternalCallRegistration
{
    /// <summary>Adds <see cref="InternalCallOptions"/>; the host refuses to start when they are missing or too short. May be called twice.</summary>
    public static IServiceCollection AddInternalCallSecrets(this IServiceCollection services)
    {
        services.AddOptions<InternalCallOptions>()
            .BindConfiguration(InternalCallOptions.Section)
            .Validate(
                options => options.Secrets.Count > 0 && options.Secrets.All(IsUsable),
                $"Services cannot recognise each other: set InternalCalls__Secrets__0 to a random string of at least {InternalCallOptions.MinimumSecretLength} printable ASCII characters without spaces, the same for all of them.")
            .ValidateOnStart();
        return services;
    }

    /// <summary>It travels in a header, so nothing but visible ASCII works.</summary>
    private static bool IsUsable(string? secret) =>
        secret is { Length: >= InternalCallOptions.MinimumSecretLength } && secret.All(c => c is > ' ' and <= '~');
}
