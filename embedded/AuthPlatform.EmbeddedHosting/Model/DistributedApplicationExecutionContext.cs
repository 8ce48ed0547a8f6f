namespace Aspire.Hosting;

/// <summary>What the model is read for.</summary>
public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    public DistributedApplicationOperation Operation { get; } = operation;

    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
}

public enum DistributedApplicationOperation
{
    Run,

    /// <summary>To be run elsewhere: values stay references, which <see cref="ApplicationModel.IManifestExpressionProvider"/> names.</summary>
    Publish,
}
