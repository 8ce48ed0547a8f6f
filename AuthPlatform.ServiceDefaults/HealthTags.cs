namespace AuthPlatform.ServiceDefaults;

/// <summary>What checks are for beside <c>/health/ready</c>.</summary>
public static class HealthTags
{
    /// <summary>Asked by <c>/health/serving</c> too, and each time anew: it must cost nothing.</summary>
    public const string Serving = "serving";
}
