using System.Text.Json;
using AuthPlatform.Contracts;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>A request whose signature was right. Nothing may be changed for it, or answered to it, before <see cref="RememberedAsync"/> has refused nothing.</summary>
internal sealed class SignedRequest(Application application, RequestBody bytes, JsonDocument document, int version, Task<(bool IsRepeated, Problem? Problem)> remembered) : IDisposable
{
    public Application Application { get; } = application;

    /// <summary>How it was signed; 1 does not say for which endpoint.</summary>
    public int Version { get; } = version;

    /// <summary>Whether it was seen before, at an endpoint that answers repeats (<see cref="SignedEndpoint.AnswersRepeats"/>).</summary>
    public bool IsRepeated { get; private set; }

    /// <summary>The JSON object of the body; valid until this request is disposed of.</summary>
    public JsonElement Body => document.RootElement;

    /// <summary>Waits until the request is remembered; gives the answer that refuses it if it was seen before, or if nobody can tell.</summary>
    public async ValueTask<Problem?> RememberedAsync()
    {
        (IsRepeated, var problem) = await remembered;
        return problem;
    }

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
