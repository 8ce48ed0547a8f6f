using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;

namespace AuthPlatform.UnitTests.Cli;

public sealed class SecretSlotTests
{
    private static readonly EnvelopeCipher Cipher = new([new string('k', EncryptionOptions.MinimumKeyLength)]);
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null, null, 1)]
    [InlineData("stays", null, 2)]
    [InlineData(null, "stays", 1)]
    [InlineData("expired", null, 2)]
    [InlineData("expired", "stays", 1)]
    [InlineData("expires", "expired", 2)]
    [InlineData("stays", "expires", null)]
    public void FreeSlot_OfAnApplication_IsAnEmptyOneElseThatOfAnExpiredSecret(string? first, string? second, int? slot)
    {
        List<ApplicationSecret> secrets = [];
        foreach (var (number, state) in new[] { (1, first), (2, second) })
        {
            if (state is not null)
            {
                var secret = Secret((short)number);
                secret.ExpiresAt = state switch { "stays" => null, "expired" => Now, _ => Now.AddSeconds(1) };
                secrets.Add(secret);
            }
        }

        Assert.Equal(slot, (int?)ApplicationRegistration.FreeSlot(secrets, Now));
    }

    [Theory]
    [InlineData("the secret", true)]
    [InlineData("the secres", false)]
    [InlineData("the secret ", false)]
    [InlineData("", false)]
    public void Holds_Text_SaysWhetherItIsTheSecret(string text, bool holds) => Assert.Equal(holds, Secret(1).Holds(Cipher, text));

    private static ApplicationSecret Secret(short slot) => ApplicationRegistration.NewSecret(Guid.CreateVersion7(Now), slot, "the secret", Cipher, Now);
}
