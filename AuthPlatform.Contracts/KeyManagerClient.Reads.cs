using System.Globalization;
using System.Net;

namespace AuthPlatform.Contracts;

/// <content>For those who keep copies of keys. They say themselves what they do without an answer, so these members throw and log nothing.</content>
public sealed partial class KeyManagerClient
{
    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(1);

    /// <summary>What those who keep copies of keys have to know. Asked for once, and for a second: whoever follows changes asks again anyway.</summary>
    /// <exception cref="HttpRequestException">The Key Manager does not answer in time, or not as it should.</exception>
    public Task<KeysVersion> ReadChangesAsync(CancellationToken cancellationToken) => WithinAsync(
        ReadPatience,
        async limit =>
        {
            using var response = await http.GetAsync(KeyManagerContract.ChangesAddress, limit);
            return await ReadAsync(response.EnsureSuccessStatusCode(), KeyContractsJson.Default.KeysVersion, limit);
        },
        cancellationToken);

    /// <summary>The public keys of an application that are published now, at least as new as a version of all keys. Takes three seconds at most.</summary>
    /// <returns>The keys, none of an application that has none, and the version that they are at least as new as.</returns>
    /// <exception cref="HttpRequestException">The Key Manager does not answer in time, or not as it should.</exception>
    public Task<(PublishedKeys Keys, long Version)> ReadKeysAsync(string clientId, long version, CancellationToken cancellationToken) => WithinAsync(
        TimeSpan.FromSeconds(3),
        async limit =>
        {
            using var response = await AskTwiceAsync(() => new HttpRequestMessage(HttpMethod.Get, KeyManagerContract.KeysAddress(clientId, version)), ReadPatience, limit);
            var keys = response.StatusCode == HttpStatusCode.NotFound ? new PublishedKeys([]) : await ReadAsync(response.EnsureSuccessStatusCode(), KeyContractsJson.Default.PublishedKeys, limit);
            return (keys, VersionOf(response));
        },
        cancellationToken);

    private static long VersionOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues(KeyManagerContract.VersionHeader, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : 0;
}
