using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>Everywhere that one application can present a token.</summary>
/// <param name="platform">The platform.</param>
/// <param name="application">Presents them.</param>
internal sealed class TokenEndpoints(AuthPlatformFixture platform, TestApplication application)
{
    /// <summary>Characters of all tokens of one request to <c>/auth/revoke</c>, so that its body stays below 256 kB even where JSON escapes them.</summary>
    private const int LongestList = 100_000;

    private readonly ConcurrentQueue<string> _accepted = new();
    private readonly ConcurrentDictionary<string, string> _shapes = new();

    /// <summary>Presents tokens made for <c>/auth/verify</c> wherever access tokens are taken; fails with a list of all that were not refused in the one way.</summary>
    public Task AssertNoAccessTokensAsync(IReadOnlyCollection<HostileToken> tokens, CancellationToken cancellationToken) => AssertAsync(
        tokens,
        async (token, cancellation) =>
        {
            await CheckSignedAsync(token, "/auth/verify", "invalid_token", cancellation);
            await CheckIntrospectAsync(token, cancellation);
            await CheckOAuthRevokeAsync(token, cancellation);
        },
        cancellationToken);

    /// <summary>The same with tokens made for <c>/auth/refresh</c>.</summary>
    public Task AssertNoRefreshTokensAsync(IReadOnlyCollection<HostileToken> tokens, CancellationToken cancellationToken) => AssertAsync(
        tokens,
        async (token, cancellation) =>
        {
            await CheckSignedAsync(token, "/auth/refresh", "invalid_grant", cancellation);
            await CheckGrantAsync(token, cancellation);
        },
        cancellationToken);

    private async Task AssertAsync(IReadOnlyCollection<HostileToken> tokens, Func<HostileToken, CancellationToken, ValueTask> check, CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(tokens, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = cancellationToken }, check);
        var lists = tokens.Aggregate(new List<List<HostileToken>> { new() }, (all, token) =>
        {
            if (all[^1].Count == 200 || all[^1].Sum(t => t.Token.Length) + token.Token.Length > LongestList)
            {
                all.Add([]);
            }

            all[^1].Add(token);
            return all;
        });
        foreach (var list in lists)
        {
            await CheckRevokeAsync(list, cancellationToken);
        }

        Assert.True(_accepted.IsEmpty, $"{_accepted.Count} not refused as they should:\n{string.Join('\n', _accepted.Order())}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{tokens.Count} tokens refused everywhere");
    }

    private async Task CheckSignedAsync(HostileToken token, string path, string error, CancellationToken cancellationToken)
    {
        var (status, problem) = await platform.SendSignedAsync(application, path, () => SignedRequests.VerifyBody(token.Token), cancellationToken);
        var isRight = status == HttpStatusCode.Unauthorized && problem.Text("error") == error && problem.Text("detail") == token.Detail;
        // Whatever was wrong, the same detail comes with the same answer to the last byte, but for the number of its trace.
        var shape = problem.ToString().Replace(problem.TryGetProperty("trace_id", out var trace) ? trace.ToString() : "\n", "", StringComparison.Ordinal);
        Check(token, path, isRight && _shapes.GetOrAdd($"{path} {problem.Text("detail")}", shape) == shape, status, problem);
    }

    private async Task CheckIntrospectAsync(HostileToken token, CancellationToken cancellationToken)
    {
        var (status, answer) = await platform.CallAsync(application, application, "introspect", cancellationToken, ("token", token.Token));
        Check(token, "introspect", status == HttpStatusCode.OK && answer.ToString() == """{"active":false}""", status, answer);
    }

    /// <summary>Always answered as if it had been revoked (RFC 7009 §2.2); that nothing was is for the caller to see.</summary>
    private async Task CheckOAuthRevokeAsync(HostileToken token, CancellationToken cancellationToken)
    {
        var (status, answer) = await platform.CallAsync(application, application, "revoke", cancellationToken, ("token", token.Token));
        Check(token, "oauth2/revoke", status == HttpStatusCode.OK && answer.ValueKind == JsonValueKind.Undefined, status, answer);
    }

    private async Task CheckGrantAsync(HostileToken token, CancellationToken cancellationToken)
    {
        var (status, answer) = await platform.CallAsync(application, application, "token", cancellationToken, ("grant_type", "refresh_token"), ("refresh_token", token.Token));
        var isRight = status == HttpStatusCode.BadRequest && answer.EnumerateObject().Select(m => m.Name).SequenceEqual(["error", "error_description"]);
        Check(token, "oauth2/token", isRight && answer.Text("error") == "invalid_grant" && answer.Text("error_description") == token.Detail, status, answer);
    }

    private async Task CheckRevokeAsync(List<HostileToken> tokens, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["token"] = new JsonArray([.. tokens.Select(t => (JsonNode)t.Token)]) }.ToJsonString();
        var (status, answer) = await platform.SendSignedAsync(application, "/auth/revoke", () => body, cancellationToken);
        var failed = answer.TryGetProperty("failed", out var list) ? list.EnumerateArray().ToLookup(f => f.Text("token"), f => f.Text("error")) : null;
        foreach (var token in tokens)
        {
            // Either type can be revoked, so it is only of the wrong type when it is of none.
            var error = failed?[token.Token].FirstOrDefault();
            Check(token, "/auth/revoke", status == HttpStatusCode.OK && (error == token.Detail || error == HostileToken.Invalid), status, failed is null ? answer : default);
        }
    }

    private void Check(HostileToken token, string endpoint, bool isRight, HttpStatusCode status, JsonElement answer)
    {
        if (!isRight)
        {
            _accepted.Enqueue($"{token.Name} at {endpoint}: {status} {answer.ToString()[..Math.Min(answer.ToString().Length, 300)]}");
        }
    }
}
