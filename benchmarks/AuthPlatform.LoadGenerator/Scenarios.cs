using System.Security.Cryptography;

namespace AuthPlatform.LoadGenerator;

/// <summary>All scenarios.</summary>
internal static class Scenarios
{
    private const int ManyTokens = 2_000;
    private const int RevokedTokens = 4_000;

    /// <summary>So many that the idle second afterwards does not count.</summary>
    private const int ListedTokens = 12_000;
    private const int ListLength = 100;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("issue", (client, _, _) => Lanes((_, cancel) => IssueAsync(client, NewUser(), cancel))),
        new("issue-replacing", IssueReplacingAsync),
        new("refresh", RefreshAsync),
        new("verify", (client, lanes, cancel) => VerifyAsync(client, 1, cancel)),
        new("verify-many", (client, lanes, cancel) => VerifyAsync(client, ManyTokens, cancel)),
        new("revoke", (client, lanes, cancel) => RevokeAsync(client, RevokedTokens, 1, cancel), HasAftermath: true),
        new("revoke-list", (client, lanes, cancel) => RevokeAsync(client, ListedTokens, ListLength, cancel), ListLength, HasAftermath: true),
        new("jwks", (client, _, _) => Lanes((_, cancel) => client.GetAsync(JwksPath(client), null, cancel)), IsAtGatewayOnly: true),
        new("jwks-etag", JwksKnownAsync, IsAtGatewayOnly: true),
        new("mixed", MixedAsync),
    ];

    public static Scenario Named(string name) => All.Single(scenario => scenario.Name == name);

    /// <summary>How many bytes a verification and a key set are, request body and answer: what a bare server has to do to be compared.</summary>
    public static async Task<(int VerifyRequest, int VerifyAnswer, int Jwks)> SizesAsync(SigningClient client, CancellationToken cancellationToken)
    {
        var token = (await IssueAsync(client, NewUser(), cancellationToken)).Text("access_token"u8);
        return (
            token.Length + 12,
            (await SendTokenAsync(client, "/auth/verify", token, cancellationToken)).Body.Length,
            (await client.GetAsync(JwksPath(client), null, cancellationToken)).Body.Length);
    }

    private static Task<Func<int, CancellationToken, Task<Answer>>> Lanes(Func<int, CancellationToken, Task<Answer>> operation) => Task.FromResult(operation);

    private static string NewUser() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

    private static string JwksPath(SigningClient client) => $"/auth/{client.ClientId}/jwks";

    private static Task<Answer> IssueAsync(SigningClient client, string user, CancellationToken cancellationToken) =>
        client.PostAsync("/auth/token", $"\"unique_key\":\"{user}\",\"device\":\"Pixel 9\",\"ip\":\"203.0.113.7\"", cancellationToken);

    private static Task<Answer> SendTokenAsync(SigningClient client, string path, string token, CancellationToken cancellationToken) =>
        client.PostAsync(path, $"\"token\":\"{token}\"", cancellationToken);

    private static Task<Func<int, CancellationToken, Task<Answer>>> IssueReplacingAsync(SigningClient client, int lanes, CancellationToken cancellationToken)
    {
        // Who signs in again ends the session before.
        var users = Enumerable.Range(0, lanes).Select(_ => NewUser()).ToArray();
        return Lanes((lane, cancel) => IssueAsync(client, users[lane], cancel));
    }

    private static async Task<Func<int, CancellationToken, Task<Answer>>> RefreshAsync(SigningClient client, int lanes, CancellationToken cancellationToken)
    {
        var tokens = await TokensAsync(client, lanes, "refresh_token"u8.ToArray(), cancellationToken);
        return async (lane, cancel) =>
        {
            var answer = await SendTokenAsync(client, "/auth/refresh", tokens[lane], cancel);
            if (answer.Status == 200)
            {
                tokens[lane] = answer.Text("refresh_token"u8);
            }

            return answer;
        };
    }

    private static async Task<Func<int, CancellationToken, Task<Answer>>> VerifyAsync(SigningClient client, int count, CancellationToken cancellationToken)
    {
        // They live for five minutes, so each preparation makes its own.
        var tokens = await TokensAsync(client, count, "access_token"u8.ToArray(), cancellationToken);
        var next = -1;
        return (_, cancel) => SendTokenAsync(client, "/auth/verify", tokens[(int)((uint)Interlocked.Increment(ref next) % (uint)tokens.Length)], cancel);
    }

    private static async Task<Func<int, CancellationToken, Task<Answer>>> RevokeAsync(SigningClient client, int count, int listLength, CancellationToken cancellationToken)
    {
        var tokens = await TokensAsync(client, count, "access_token"u8.ToArray(), cancellationToken);
        var lists = tokens.Chunk(listLength).Select(list => $"\"token\":[{string.Join(',', list.Select(token => $"\"{token}\""))}]").ToArray();
        var next = -1;
        return async (_, cancel) =>
        {
            var mine = Interlocked.Increment(ref next);
            return mine < lists.Length ? await client.PostAsync("/auth/revoke", lists[mine], cancel) : throw new NothingLeftException();
        };
    }

    private static async Task<Func<int, CancellationToken, Task<Answer>>> JwksKnownAsync(SigningClient client, int lanes, CancellationToken cancellationToken)
    {
        var known = (await client.GetAsync(JwksPath(client), null, cancellationToken)).ETag;
        return (_, cancel) => client.GetAsync(JwksPath(client), known, cancel);
    }

    private static async Task<Func<int, CancellationToken, Task<Answer>>> MixedAsync(SigningClient client, int lanes, CancellationToken cancellationToken)
    {
        var verify = await VerifyAsync(client, ManyTokens, cancellationToken);
        var refresh = await RefreshAsync(client, lanes, cancellationToken);
        var ending = await TokensAsync(client, ManyTokens, "access_token"u8.ToArray(), cancellationToken);
        var nextEnding = -1;
        return (lane, cancel) => RandomNumberGenerator.GetInt32(100) switch
        {
            < 70 => verify(lane, cancel),
            < 90 => refresh(lane, cancel),
            < 99 => IssueAsync(client, NewUser(), cancel),
            // Those that have ended already are ended again, which succeeds as well.
            _ => SendTokenAsync(client, "/auth/revoke", ending[Interlocked.Increment(ref nextEnding) % ending.Length], cancel),
        };
    }

    private static async Task<string[]> TokensAsync(SigningClient client, int count, ReadOnlyMemory<byte> member, CancellationToken cancellationToken)
    {
        var tokens = new string[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancellationToken }, async (index, cancel) =>
        {
            tokens[index] = (await IssueAsync(client, NewUser(), cancel)).Text(member.Span);
        });
        return tokens;
    }
}
