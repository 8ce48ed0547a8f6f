namespace AuthPlatform.Microbenchmarks;

/// <summary>That a benchmark does what it is meant to measure: without that, a refusal would be measured as a fast success.</summary>
internal static class Check
{
    public static void That(bool isRight, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(isRight))] string? what = null)
    {
        if (!isRight)
        {
            throw new InvalidOperationException($"It is not so that {what}.");
        }
    }
}
