using System.Text.Json;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>The answer of <c>/auth/revoke</c>, whatever was named in the request.</summary>
/// <param name="Total">How much was named; of a user, how many sessions have ended.</param>
/// <param name="Ended">How many sessions have ended.</param>
/// <param name="Success">What is good for nothing now, as it was named; of a user, the ids of the sessions.</param>
/// <param name="Failed">What is none of the application's, as it was named, and why.</param>
internal sealed record RevokeAnswer(int Total, int Ended, IReadOnlyList<JsonElement> Success, IReadOnlyList<(JsonElement Named, string Error)> Failed)
{
    /// <summary>Whether the user has more sessions than one call ends; null where no user was named.</summary>
    public bool? Remaining { get; init; }

    public Task WriteAsync(HttpContext context) => TokenResponse.WriteAsync(context, this, static (json, answer) =>
    {
        json.WriteBoolean("revoked"u8, answer.Success.Count > 0);
        json.WriteNumber("total_count"u8, answer.Total);
        json.WriteNumber("deleted_count"u8, answer.Ended);
        json.WriteStartArray("success"u8);
        foreach (var named in answer.Success)
        {
            named.WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteStartArray("failed"u8);
        foreach (var (named, error) in answer.Failed)
        {
            json.WriteStartObject();
            json.WritePropertyName("token"u8);
            named.WriteTo(json);
            json.WriteString("error"u8, error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (answer.Remaining is { } remaining)
        {
            json.WriteBoolean("remaining"u8, remaining);
        }
    });
}
