using System.Net;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>The rows by which guessing is slowed down, and what holds of them on a machine of any speed.</summary>
internal static class SignInLimits
{
    /// <summary>Longer than any of these tests takes. A minute more than the shortest limit is as long as anything is forbidden: what is beyond that was written by a wrong clock.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(80);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What the row of a limit is called.</summary>
    public static byte[] Key(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    public static byte[] Everywhere(AdminAccount account) => Key($"password|everywhere|{account.UserName.ToUpperInvariant()}");

    /// <summary>The limit of one person from one network.</summary>
    public static byte[] From(string what, string person, string network) => Key($"{what}|person|{person.ToUpperInvariant()}|{network}");

    /// <summary>As if somebody, strangers all over the world perhaps, had just taken the one try that is left, and as if the wait after it were long.</summary>
    public static Task HoldAsync(AuthPlatformFixture platform, params byte[][] limits) => HoldForAsync(platform, LongWait, limits);

    /// <summary>The same with a wait of that length.</summary>
    public static async Task HoldForAsync(AuthPlatformFixture platform, TimeSpan wait, params byte[][] limits)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        foreach (var limit in limits)
        {
            await database.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO sign_in_delays (key, failures, not_before, tried_at) VALUES ({limit}, 1000, now() + {wait}, now())
                ON CONFLICT (key) DO UPDATE SET not_before = excluded.not_before
                """,
                Cancellation);
        }
    }

    /// <summary>
    /// Five tries are free. On a machine on which the others take seconds some of those are looked at, too, but never all, as the waits double; each counts, and none is looked at
    /// before its time.
    /// </summary>
    public static async Task AssertSlowedDownAsync(AuthPlatformFixture platform, AdminPage[] answers, byte[] limit, Func<Task<AdminPage>> tryAgain)
    {
        var looked = answers.Count(page => page.Status == HttpStatusCode.OK);
        Assert.InRange(looked, 5, answers.Length - 1);
        Assert.All(answers.Where(page => page.Status != HttpStatusCode.OK), page => Assert.Equal(HttpStatusCode.TooManyRequests, page.Status));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(looked, await database.Set<SignInDelay>().Where(d => d.Key == limit).Select(d => d.Failures).SingleAsync(Cancellation));
        await HoldAsync(platform, limit);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await tryAgain()).Status);
    }
}
