using AuthPlatform.Data.Encryption;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AuthPlatform.UnitTests.Data;

public sealed class EncryptionOptionsTests
{
    private const string Long = "0123456789abcdef0123456789abcdef";

    [Fact]
    public void Start_NoKey_IsRefusedWithWhatToDo() =>
        Assert.StartsWith("No encryption key is configured: set Encryption__Keys__0 to a random string of at least 32 characters", Refusal(), StringComparison.Ordinal);

    [Fact]
    public void Start_ShortKeys_NamesEachAndQuotesNone()
    {
        var refusal = Refusal(Long, "short-key-1", "");
        Assert.Contains("Encryption__Keys__1 has 11 characters, but at least 32 are needed.", refusal, StringComparison.Ordinal);
        Assert.Contains("Encryption__Keys__2 has 0 characters", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("short-key-1", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_SameKeyTwice_IsRefused() => Assert.Contains("the same key twice", Refusal(Long, Long), StringComparison.Ordinal);

    [Fact]
    public void Start_LongEnoughKeys_EncryptsWithTheFirst()
    {
        using var host = Host(Long, Long + "2");
        Assert.Equal(new EnvelopeCipher([Long]).CurrentKeyId, host.Services.GetRequiredService<EnvelopeCipher>().CurrentKeyId);
    }

    private static string Refusal(params string[] keys)
    {
        using var host = Host(keys);
        return Assert.Throws<OptionsValidationException>(() => host.Services.GetRequiredService<IStartupValidator>().Validate()).Message;
    }

    private static IHost Host(params string[] keys)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(keys.Select((key, i) => KeyValuePair.Create($"Encryption:Keys:{i}", (string?)key)));
        builder.AddEnvelopeEncryption();
        return builder.Build();
    }
}
