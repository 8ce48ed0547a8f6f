using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace AuthPlatform.UnitTests.KeyManager;

public sealed class KeySettingsTests
{
    private const int Day = 86_400;

    [Fact]
    public void Problems_OfTheDefaults_AreNone() => Assert.Empty(new KeyOptions().Defaults.Problems(allowUnsafeSchedule: false));

    [Theory]
    [InlineData(90 * Day, 14 * Day, 4019, 2048, "Retain 4019 s is less than 4020 s = access lifetime 3600 s (the longest an application can have) + clock skew 120 s + JWKS max-age 300 s")]
    [InlineData(90 * Day, Day - 1, 14 * Day, 2048, "Announce 86399 s is less than 86400 s")]
    [InlineData(14 * Day, 14 * Day, 14 * Day, 2048, "Announce 1209600 s is not less than rotate every 1209600 s")]
    [InlineData(90 * Day, 14 * Day, 14 * Day, 1024, "Key size 1024 bits is not one of 2048, 3072 and 4096")]
    [InlineData(int.MaxValue, 14 * Day, 14 * Day, 2048, "must each be 1 to 315360000 s")]
    public void Problems_OfOneWrongSetting_NameItWithItsNumbers(int rotate, int announce, int retain, int size, string expected) =>
        Assert.Contains(expected, Assert.Single(Settings(rotate, announce, retain, size).Problems(allowUnsafeSchedule: false)), StringComparison.Ordinal);

    [Theory]
    [InlineData(Day + 1, Day, 4020, 3072)]
    [InlineData(315_360_000, 90 * Day, 315_360_000, 4096)]
    public void Problems_AtTheLimits_AreNone(int rotate, int announce, int retain, int size) =>
        Assert.Empty(Settings(rotate, announce, retain, size).Problems(allowUnsafeSchedule: false));

    [Fact]
    public void Problems_OfEverything_AreAllNamed() => Assert.Equal(5, Settings(0, 0, 0, 0).Problems(allowUnsafeSchedule: false).Count);

    [Fact]
    public void Problems_OfAScheduleOfSeconds_AreNoneWhenThatIsAllowed()
    {
        Assert.Empty(Settings(2, 1, 1, 2048).Problems(allowUnsafeSchedule: true));
        Assert.Equal(3, Settings(0, 0, 0, 2048).Problems(allowUnsafeSchedule: true).Count(p => !p.StartsWith("Key size", StringComparison.Ordinal) && !p.Contains("10 years", StringComparison.Ordinal)));
    }

    /// <summary>A verifier must have read the JWKS again before a key that was announced since may sign.</summary>
    [Theory]
    [InlineData(14 * Day, 300)]
    [InlineData(300, 300)]
    [InlineData(7, 7)]
    public void MaxAge_OfASchedule_IsNeverLongerThanItAnnounces(int announce, int expected) =>
        Assert.Equal(expected, Settings(90 * Day, announce, 4020, 2048).MaxAge.TotalSeconds);

    [Fact]
    public void Of_AnApplication_TakesItsOwnWhereItHasSome()
    {
        var application = new KeyApplication { ClientId = "app", CreatedAt = default, RetainSeconds = 5000, KeySize = 3072 };
        Assert.Equal(Settings(90 * Day, 14 * Day, 5000, 3072), KeySettings.Of(application, new KeyOptions()));
    }

    [Theory]
    [InlineData("Development", true)]
    [InlineData("Production", false)]
    [InlineData("Staging", false)]
    public void Validate_UnsafeSchedule_IsTakenInDevelopmentOnly(string environment, bool taken) =>
        Assert.Equal(taken, new ValidateKeyOptions(new Environment(environment)).Validate(null, new KeyOptions { AllowUnsafeSchedule = true, RetainSeconds = 1 }).Succeeded);

    [Fact]
    public void Validate_SeveralFailures_NamesThemAll()
    {
        var result = new ValidateKeyOptions(new Environment("Production")).Validate(null, new KeyOptions { RetainSeconds = 60, AnnounceSeconds = 60 });
        Assert.Equal(2, result.Failures!.Count());
    }

    private static KeySettings Settings(int rotate, int announce, int retain, int size) =>
        new(size, TimeSpan.FromSeconds(rotate), TimeSpan.FromSeconds(announce), TimeSpan.FromSeconds(retain));

    private sealed class Environment(string name) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = name;

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
