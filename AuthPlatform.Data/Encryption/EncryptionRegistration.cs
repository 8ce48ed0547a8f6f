using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AuthPlatform.Data.Encryption;

/// <summary>Registers the encryption of stored secrets and keys.</summary>
public static class EncryptionRegistration
{
    /// <summary>Adds <see cref="EnvelopeCipher"/> with the keys of section <c>Encryption</c>; the host refuses to start when they are missing or too short.</summary>
    public static void AddEnvelopeEncryption(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<EncryptionOptions>().BindConfiguration(EncryptionOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<EncryptionOptions>, EncryptionOptionsValidation>();
        builder.Services.AddSingleton(services => new EnvelopeCipher(services.GetRequiredService<IOptions<EncryptionOptions>>().Value.Keys));
    }
}
