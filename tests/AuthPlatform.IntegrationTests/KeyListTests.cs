using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>The keys of an application that rotates as often as it may.</summary>
public sealed class KeyListTests(AuthPlatformFixture platform)
{
    private const int Listed = 100;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Listed, 0)]
    [InlineData(Listed + 3, 3)]
    public async Task Listing_OfManyPastKeys_HasTheNewestOfThemAndAllThatArePublished(int past, int unlisted)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using (var keys = await platform.OpenKeysDatabaseAsync(Cancellation))
        {
            // The greater the number the older is the key. Those that are published are older still, as far as that counts here.
            await keys.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO signing_keys (id, kid, client_id, algorithm, key_size, public_key, created_at, announced_at, activated_at, superseded_at, expires_at)
                SELECT gen_random_uuid(), k.client_id || '-' || n, k.client_id, k.algorithm, k.key_size, k.public_key, t, t, t, t + interval '1 minute', t + interval '2 minutes'
                FROM signing_keys AS k, generate_series(1, {past}) AS n, LATERAL (SELECT now() - interval '2 days' - n * interval '1 minute' AS t) AS made
                WHERE k.client_id = {application.ClientId} AND k.activated_at IS NOT NULL;
                UPDATE signing_keys SET created_at = now() - interval '1 year' WHERE client_id = {application.ClientId} AND superseded_at IS NULL;
                """,
                Cancellation);
        }

        using var keyManager = platform.CreateKeyManagerClient();
        var listing = JsonElement.Parse(await keyManager.GetStringAsync($"/internal/applications/{application.ClientId}/keys", Cancellation));

        var listed = listing.GetProperty("keys").EnumerateArray().ToList();
        Assert.Equal(["next", "active"], listed.Take(2).Select(key => key.Text("state")));
        Assert.Equal(Enumerable.Range(1, Listed).Select(number => $"{application.ClientId}-{number}"), listed.Skip(2).Select(key => key.Text("kid")));
        Assert.Equal(unlisted, listing.GetProperty("unlisted").GetInt32());
    }
}
