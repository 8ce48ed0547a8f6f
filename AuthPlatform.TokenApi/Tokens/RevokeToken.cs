using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>
/// <c>POST /auth/revoke</c>: ends the sessions of one token or a list, access or refresh tokens. The answer is always 200 and says for each token whether it
/// was one of the application's; that its session had ended already is as good.
/// </summary>
internal sealed class RevokeToken(SignedEndpointRunner runner, TokenReader reader, RevokeTokens revocation)
{
    private const int MaxTokens = 200;

    public Task HandleAsync(HttpContext context) => runner.RunAsync(context, SignedEndpoint.Revoke, request => RevokeAsync(context, request));

    private async Task<Problem?> RevokeAsync(HttpContext context, SignedRequest request)
    {
        var (tokens, problem) = Parse(request.Body);
        if (tokens is null)
        {
            return problem;
        }

        // At once: what has to be asked of others for them is asked together.
        var reading = tokens.Select(token => reader.ReadAsync(request.Application, token.GetString()!, use: null, evenExpired: true, context.RequestAborted).AsTask()).ToList();
        var allRead = Task.WhenAll(reading);
        await ((Task)allRead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var verified = new List<VerifiedToken>(tokens.Count);
        var success = new List<JsonElement>(tokens.Count);
        var failed = new List<(JsonElement Token, string Error)>();
        foreach (var (token, read) in tokens.Zip(reading).Where(pair => pair.Second.IsCompletedSuccessfully))
        {
            (var known, problem) = await read;
            if (known is null)
            {
                failed.Add((token, problem!.Detail));
                continue;
            }

            verified.Add(known);
            success.Add(token);
        }

        var ended = await revocation.RevokeAsync(request.Application, verified, context.Connection.RemoteIpAddress, context.RequestAborted);
        // Of others nobody may know what they are, because the Key Manager does not answer, say. That keeps none of these alive, but is no answer.
        await allRead;
        await TokenResponse.WriteAsync(context, (tokens.Count, Ended: ended.Count, success, failed), static (json, answer) =>
        {
            json.WriteBoolean("revoked"u8, answer.success.Count > 0);
            json.WriteNumber("total_count"u8, answer.Count);
            json.WriteNumber("deleted_count"u8, answer.Ended);
            json.WriteStartArray("success"u8);
            answer.success.ForEach(token => token.WriteTo(json));
            json.WriteEndArray();
            json.WriteStartArray("failed"u8);
            foreach (var (token, error) in answer.failed)
            {
                json.WriteStartObject();
                json.WritePropertyName("token"u8);
                token.WriteTo(json);
                json.WriteString("error"u8, error);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
        return null;
    }

    /// <summary>The tokens to revoke: those of a list without its nulls, or the one.</summary>
    private static (IReadOnlyList<JsonElement>? Tokens, Problem? Problem) Parse(JsonElement body)
    {
        if (!body.TryGetProperty("token"u8, out var member))
        {
            return (null, TokenProblems.MissingToken);
        }

        if (member.ValueKind == JsonValueKind.String)
        {
            return member.ValueEquals(""u8) ? (null, TokenProblems.MissingToken) : ([member], null);
        }

        if (member.ValueKind != JsonValueKind.Array || member.EnumerateArray().Any(t => t.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)))
        {
            return (null, TokenProblems.MissingToken);
        }

        var tokens = member.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String).ToList();
        return tokens.Count <= MaxTokens ? (tokens, null) : (null, RequestProblems.Invalid($"token must be a list of at most {MaxTokens} tokens; it has {tokens.Count}"));
    }
}
