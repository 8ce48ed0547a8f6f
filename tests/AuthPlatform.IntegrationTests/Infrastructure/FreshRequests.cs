using System.Net;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>What the contract tells a client to do with a 503 of a crowded machine: it signs afresh and tries again.</summary>
internal static class FreshRequests
{
    public static Task<HttpResponseMessage> SendFreshAsync(this HttpClient client, Func<HttpRequestMessage> make, CancellationToken cancellationToken) =>
        client.SendFreshAsync(() => Task.FromResult(make()), cancellationToken);

    /// <param name="client">Whom it asks.</param>
    /// <param name="make">Makes and signs the request, for each try.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="until">What has to be there of the answer; by default all.</param>
    public static async Task<HttpResponseMessage> SendFreshAsync(
        this HttpClient client, Func<Task<HttpRequestMessage>> make, CancellationToken cancellationToken, HttpCompletionOption until = HttpCompletionOption.ResponseContentRead)
    {
        for (var retries = 5; ; retries--)
        {
            using var request = await make();
            var response = await client.SendAsync(request, until, cancellationToken);
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || retries == 0)
            {
                return response;
            }

            response.Dispose();
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        }
    }
}
