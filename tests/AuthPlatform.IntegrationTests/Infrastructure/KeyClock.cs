using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Keys;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>
/// Lets time pass for the keys of one application, without waiting: their rows become older, and the Key Manager is told to look. It returns once that has looked: minutes
/// must not pass while it reads a few rows.
/// </summary>
internal sealed class KeyClock(AuthPlatformFixture platform, string clientId) : IAsyncDisposable
{
    private readonly HttpClient _keyManager = platform.CreateKeyManagerClient();
    private ConnectionMultiplexer? _redis;

    public async Task AdvanceAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        await using var database = await platform.OpenKeysDatabaseAsync(cancellationToken);
        await database.Database.ExecuteSqlAsync(Ageing(clientId, time), cancellationToken);
        _redis ??= await ConnectionMultiplexer.ConnectAsync((await platform.App.GetConnectionStringAsync(ResourceNames.Redis, cancellationToken))!);
        await _redis.GetSubscriber().PublishAsync(RedisChannel.Literal(KeysChanged.Channel), "look");
        var version = await database.Set<KeyRingVersion>().Select(v => v.Version).SingleAsync(cancellationToken);
        await Eventually.TrueAsync(async () => await VersionAsync(cancellationToken) >= version, cancellationToken);
    }

    /// <summary>The version of all keys that the Key Manager publishes and signs with.</summary>
    private async Task<long> VersionAsync(CancellationToken cancellationToken) =>
        JsonElement.Parse(await _keyManager.GetStringAsync(KeyManagerContract.ChangesAddress, cancellationToken)).GetProperty("version").GetInt64();

    public static FormattableString Ageing(string clientId, TimeSpan time) =>
        $"""
        UPDATE signing_keys SET created_at = created_at - {time}, announced_at = announced_at - {time}, activated_at = activated_at - {time},
            superseded_at = superseded_at - {time}, expires_at = expires_at - {time} WHERE client_id = {clientId};
        UPDATE key_applications SET rotated_at = rotated_at - {time}, rotation_due_at = rotation_due_at - {time} WHERE client_id = {clientId};
        UPDATE key_ring_versions SET version = version + 1;
        """;

    public async ValueTask DisposeAsync()
    {
        _keyManager.Dispose();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }
}
