using Microsoft.Extensions.Options;

namespace AuthPlatform.Data.Encryption;

/// <summary>The key-encryption keys, section <c>Encryption</c>.</summary>
public sealed class EncryptionOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Encryption";

    /// <summary>Fewest characters of a key.</summary>
    public const int MinimumKeyLength = 32;

    /// <summary>
    /// Random strings of at least 32 characters, newest first. The first one encrypts, all of them decrypt: roll a new one out behind the
    /// old one, then in front of it, re-encrypt, then remove the old one. There is no default; a service without a key does not start.
    /// </summary>
    public IList<string> Keys { get; } = [];
}

/// <summary>Says everything that is wrong with the keys at once, without saying the keys.</summary>
internal sealed class EncryptionOptionsValidation : IValidateOptions<EncryptionOptions>
{
    public ValidateOptionsResult Validate(string? name, EncryptionOptions options)
    {
        if (options.Keys.Count == 0)
        {
            return ValidateOptionsResult.Fail(
                $"No encryption key is configured: set Encryption__Keys__0 to a random string of at least {EncryptionOptions.MinimumKeyLength} characters and keep it safe, for without it nothing stored can be read.");
        }

        var failures = options.Keys
            .Select((key, index) => (Key: key ?? "", Index: index))
            .Where(k => k.Key.Length < EncryptionOptions.MinimumKeyLength)
            .Select(k => $"Encryption__Keys__{k.Index} has {k.Key.Length} characters, but at least {EncryptionOptions.MinimumKeyLength} are needed.")
            .ToList();
        if (options.Keys.Distinct(StringComparer.Ordinal).Count() < options.Keys.Count)
        {
            failures.Add("Encryption__Keys holds the same key twice; list every key once, newest first.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
