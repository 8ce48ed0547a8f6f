using System.Text.Json;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>A request whose signature was right and which, unless it says so, was not seen before.</summary>
internal sealed class SignedRequest(Application application, RequestBody bytes, JsonDocument document) : IDisposable
{
    public Application Application { get; } = application;

    /// <summary>Whether it was seen before, at an endpoint that answers repeats (<see cref="SignedEndpoint.AnswersRepeats"/>).</summary>
    public bool IsRepeated { get; init; }

    /// <summary>The JSON object of the body; valid until this request is disposed of.</summary>
    public JsonElement Body => document.RootElement;

    /// <summary>A string member; empty when it is absent or null, null when it is something else than a string.</summary>
    public string? OptionalString(ReadOnlySpan<byte> name) =>
        !Body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? string.Empty
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : null;

    public void Dispose()
    {
        document.Dispose();
        bytes.Dispose();
    }
}
