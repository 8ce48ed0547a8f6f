namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value from configuration, or made once and kept.</summary>
public class ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false) : Resource(name), IManifestExpressionProvider, IValueProvider
{
    private readonly Lock _lock = new();
    private string? _value;

    public ParameterDefault? Default { get; set; }

    public bool Secret { get; } = secret;

    public string ValueExpression => $"{{{Name}.value}}";

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(_value ??= callback(Default));
        }
    }
}

public abstract class ParameterDefault
{
    public abstract string GetDefaultValue();
}
