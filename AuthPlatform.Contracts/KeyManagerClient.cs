using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.Contracts;

/// <summary>
/// Asks the Key Manager over kept-alive HTTP/1.1 connections: for signatures in raw bytes, without JSON around each JWT, for all else in JSON. What goes wrong is logged here, but
/// for the members that throw it. Thread-safe.
/// </summary>
public sealed partial class KeyManagerClient(HttpClient http, ILogger<KeyManagerClient> logger)
{
    /// <summary>Signatures take milliseconds: a replica that needs so long hangs, and another one may not.</summary>
    private static readonly TimeSpan SigningPatience = TimeSpan.FromSeconds(2);

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private static readonly Problem Unavailable =
        new(503, ErrorCodes.TemporarilyUnavailable, OAuthErrors.TemporarilyUnavailable, "The Key Manager does not answer; try again shortly") { RetryAfterSeconds = 2 };

    /// <summary>
    /// Signs payloads with the active keys of their applications. A token is null when it cannot be had at the moment, because the Key Manager does not answer, has no
    /// keys for the application yet or does not take our secret; the log says which. There is nothing a caller could do differently for each.
    /// </summary>
    /// <param name="requests">At most <see cref="KeyManagerContract.MaxSignatures"/> payloads.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A token for each, in their order.</returns>
    public async Task<IReadOnlyList<SignedToken?>> SignAsync(IReadOnlyList<SigningRequest> requests, CancellationToken cancellationToken)
    {
        try
        {
            var body = SigningFrames.Write(requests);
            using var response = await AskTwiceAsync(
                () => new HttpRequestMessage(HttpMethod.Post, KeyManagerContract.SignAddress) { Content = new ReadOnlyMemoryContent(body) }, SigningPatience, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                Log.Failed(logger, KeyManagerContract.SignAddress.OriginalString, (int)response.StatusCode);
            }
            else if (SigningFrames.ReadAnswer(await response.Content.ReadAsByteArrayAsync(cancellationToken), requests.Count) is { } answers)
            {
                return [.. answers.Zip(requests, (answer, request) => TokenOf(answer, request.ClientId))];
            }
        }
        catch (Exception exception) when (IsAway(exception, cancellationToken))
        {
            Log.Unreachable(logger, exception.Message);
        }

        return new SignedToken?[requests.Count];
    }

    private SignedToken? TokenOf((SignedToken? Token, int Status) answer, string clientId)
    {
        if (answer.Token is null)
        {
            Log.Refused(logger, clientId, answer.Status);
        }

        return answer.Token;
    }

    /// <summary>Makes the keys of an application that has none yet. May be repeated.</summary>
    /// <returns>Whether it has keys now; when not, the log says why.</returns>
    public Task<bool> EnsureKeysAsync(string clientId, CancellationToken cancellationToken) => IsDoneAsync(HttpMethod.Put, clientId, cancellationToken);

    /// <summary>Deletes all keys of an application that goes. May be repeated.</summary>
    /// <returns>Whether it has none now; when not, the log says why.</returns>
    public Task<bool> DeleteKeysAsync(string clientId, CancellationToken cancellationToken) => IsDoneAsync(HttpMethod.Delete, clientId, cancellationToken);

    /// <summary>
    /// Lets the next key of an application take over. Asked once more when the answer is lost on the way: the request names itself, so it is not carried out twice.
    /// </summary>
    /// <returns>What was done, or why it was refused: 404, 409 when only a repetition was to be answered and there was no first time, or another key signs than was said, 429, 503.</returns>
    public async Task<(KeyRotation? Rotation, Problem? Problem)> RotateAsync(string clientId, KeyRotationRequest rotation, CancellationToken cancellationToken)
    {
        var answer = await PostAsync();
        return answer.Problem is { Status: 503 } ? await PostAsync() : answer;

        Task<(KeyRotation? Rotation, Problem? Problem)> PostAsync() => SendAsync(
            new HttpRequestMessage(HttpMethod.Post, $"/internal/applications/{clientId}/rotate") { Content = Content(rotation, KeyContractsJson.Default.KeyRotationRequest) },
            KeyContractsJson.Default.KeyRotation,
            cancellationToken);
    }

    /// <summary>Revokes a key: everything that it signed is refused from now on. May be repeated.</summary>
    /// <returns>What was done, or why it was refused: 404, 503.</returns>
    public Task<(KeyRevocation? Revocation, Problem? Problem)> RevokeKeyAsync(string clientId, string kid, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/internal/applications/{clientId}/keys/{Uri.EscapeDataString(kid)}/revoke"), KeyContractsJson.Default.KeyRevocation, cancellationToken);

    /// <summary>The keys of an application, past ones included.</summary>
    /// <returns>The keys, or why there are none: 404, 503.</returns>
    public Task<(KeyListing? Keys, Problem? Problem)> ListKeysAsync(string clientId, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/internal/applications/{clientId}/keys"), KeyContractsJson.Default.KeyListing, cancellationToken);

    /// <summary>The public keys of an application that are published now, as its JWKS has them.</summary>
    /// <returns>The keys, or why there are none: 404, 503.</returns>
    public Task<(PublishedKeys? Keys, Problem? Problem)> GetPublishedKeysAsync(string clientId, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, KeyManagerContract.KeysAddress(clientId, 0)), KeyContractsJson.Default.PublishedKeys, cancellationToken);

    /// <summary>Which applications change their keys next.</summary>
    /// <returns>They, or why they are not known: 503.</returns>
    public Task<(KeysDue? Due, Problem? Problem)> ListDueAsync(CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, "/internal/keys/due"), KeyContractsJson.Default.KeysDue, cancellationToken);

    /// <summary>Changes how the keys of an application live.</summary>
    /// <returns>How they live now, or why not so: 400 with every wrong setting and its numbers, 404, 503.</returns>
    public Task<(KeySettingsAnswer? Settings, Problem? Problem)> ChangeKeySettingsAsync(string clientId, KeySettingsChange settings, CancellationToken cancellationToken) =>
        SendAsync(
            new HttpRequestMessage(HttpMethod.Put, $"/internal/applications/{clientId}/key-settings") { Content = Content(settings, KeyContractsJson.Default.KeySettingsChange) },
            KeyContractsJson.Default.KeySettingsAnswer,
            cancellationToken);

    private async Task<bool> IsDoneAsync(HttpMethod method, string clientId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, $"/internal/applications/{clientId}");
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                Log.Failed(logger, request.RequestUri!.OriginalString, (int)response.StatusCode);
            }

            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (IsAway(exception, cancellationToken))
        {
            Log.Unreachable(logger, exception.Message);
            return false;
        }
    }

    private static ByteArrayContent Content<T>(T body, JsonTypeInfo<T> type) => new(JsonSerializer.SerializeToUtf8Bytes(body, type)) { Headers = { ContentType = Json } };

    private async Task<(T? Answer, Problem? Problem)> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using (request)
        {
            try
            {
                using var response = await http.SendAsync(request, cancellationToken);
                return response.IsSuccessStatusCode ? (await ReadAsync(response, type, cancellationToken), null) : (null, await ReadProblemAsync(response, cancellationToken));
            }
            catch (Exception exception) when (IsAway(exception, cancellationToken))
            {
                Log.Unreachable(logger, exception.Message);
                return (null, Unavailable);
            }
        }
    }

    /// <summary>Passed on as it is where a caller can do something about it; whatever else goes wrong between services is an outage.</summary>
    private async Task<Problem> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode is not (HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests))
        {
            Log.Failed(logger, response.RequestMessage!.RequestUri!.AbsolutePath, (int)response.StatusCode);
            return Unavailable;
        }

        using var problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        return new Problem((int)response.StatusCode, Text("code"), Text("error"), Text("detail")) { RetryAfterSeconds = (int?)response.Headers.RetryAfter?.Delta?.TotalSeconds };

        string Text(string member) => problem.RootElement.TryGetProperty(member, out var value) ? value.ToString() : "";
    }

    /// <summary>For what changes nothing: it is asked for once more when a replica dies with the answer, hangs, or says that it cannot.</summary>
    private async Task<HttpResponseMessage> AskTwiceAsync(Func<HttpRequestMessage> request, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            var response = await WithinAsync(patience, AskAsync, cancellationToken);
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                return response;
            }

            response.Dispose();
        }
        catch (HttpRequestException)
        {
            // Whoever knows the replicas tries this one last now.
        }

        return await AskAsync(cancellationToken);

        async Task<HttpResponseMessage> AskAsync(CancellationToken cancellation)
        {
            using var asked = request();
            return await http.SendAsync(asked, cancellation);
        }
    }

    /// <summary>Whatever else goes wrong on the way becomes the one exception that callers know.</summary>
    private static async Task<T> WithinAsync<T>(TimeSpan patience, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await ask(limit.Token);
        }
        catch (Exception exception) when (exception is not HttpRequestException && IsAway(exception, cancellationToken))
        {
            throw new HttpRequestException(exception is OperationCanceledException ? "It does not answer in time" : exception.Message, exception);
        }
    }

    private static bool IsAway(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), type) ?? throw new JsonException("The answer says nothing");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The Key Manager did not sign for {ClientId}: it answered {Status}")]
        public static partial void Refused(ILogger logger, string clientId, int status);

        [LoggerMessage(3, LogLevel.Warning, "The Key Manager answered {Status} at {Path}")]
        public static partial void Failed(ILogger logger, string path, int status);

        [LoggerMessage(2, LogLevel.Warning, "The Key Manager does not answer: {Reason}")]
        public static partial void Unreachable(ILogger logger, string reason);
    }
}
