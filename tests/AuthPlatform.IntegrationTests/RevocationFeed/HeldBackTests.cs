using System.Globalization;
using System.Text.RegularExpressions;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests.RevocationFeed;

/// <summary>What happens to revocations while somebody's transaction stays open.</summary>
public sealed partial class HeldBackTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Revocation_WhileATransactionIsOpen_IsCopiedOnceAndShownAsHeldBack()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync((await platform.App.GetConnectionStringAsync(ResourceNames.Redis, Cancellation))!);
        var redis = connection.GetDatabase();
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using var open = await database.Database.BeginTransactionAsync(Cancellation);
        await database.Database.ExecuteSqlAsync($"SELECT pg_current_xact_id()", Cancellation);
        var key = RevocationKeys.Of(Guid.Parse(await platform.RevokedSessionAsync(platform.Bootstrap, Cancellation)), null);

        // Whoever finds no sentinel copies everything, though the transaction is open; more than once, because one of before may have had this one already.
        await Eventually.TrueAsync(
            async () =>
            {
                await redis.KeyDeleteAsync(key);
                await redis.KeyDeleteAsync(RevocationKeys.Complete);
                await platform.RevocationsCopiedAsync(Cancellation);
                return await redis.KeyExistsAsync(key);
            },
            Cancellation);
        // After that it is not copied again and again; more than once, because everything is copied again when a round was slow, or another replica takes over.
        await Eventually.TrueAsync(
            async () =>
            {
                await redis.KeyDeleteAsync(key);
                await platform.RevocationsCopiedAsync(Cancellation);
                return !await redis.KeyExistsAsync(key);
            },
            Cancellation);

        await Eventually.TrueAsync(async () => await HeldAsync() >= 1, Cancellation);
        await open.RollbackAsync(Cancellation);
        await Eventually.TrueAsync(async () => await HeldAsync() < 1, Cancellation);
    }

    /// <summary>Seconds; one replica says it.</summary>
    private async Task<double?> HeldAsync()
    {
        using var http = new HttpClient();
        var answers = await Task.WhenAll(platform.MetricsAddresses.Select(address => http.GetStringAsync(address, Cancellation)));
        return answers.Select(answer => Held().Match(answer)).Where(match => match.Success).Select(match => (double?)double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).Max();
    }

    [GeneratedRegex(@"^authplatform_revocations_held_seconds(?:\{.*\})? (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Held();
}
