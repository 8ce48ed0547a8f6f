using AuthPlatform.Contracts;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>The parameters of a form body (RFC 6749 appendix B): each name once (§3.2), and one without a value as good as absent.</summary>
internal sealed class FormParameters
{
    /// <summary>No request has more than a handful; the rest would only be work.</summary>
    private const int MaxParameters = 32;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private FormParameters()
    {
    }

    /// <summary>The value of a parameter; null when it is absent or empty.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    /// <summary>Reads the body; null when it is not such a form.</summary>
    public static FormParameters? Parse(ReadOnlySpan<byte> body)
    {
        var form = new FormParameters();
        if (body.IsEmpty)
        {
            return form;
        }

        foreach (var range in body.Split((byte)'&'))
        {
            var pair = body[range];
            var equals = pair.IndexOf((byte)'=');
            if (form._values.Count == MaxParameters
                || FormText.Decode(equals < 0 ? pair : pair[..equals]) is not { } name
                || FormText.Decode(equals < 0 ? [] : pair[(equals + 1)..]) is not { } value
                || !form._values.TryAdd(name, value))
            {
                return null;
            }
        }

        return form;
    }
}
