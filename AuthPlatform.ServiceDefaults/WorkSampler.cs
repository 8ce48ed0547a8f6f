using System.Diagnostics;
using OpenTelemetry.Trace;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// Starts a trace for each piece of work, not for the lone database statements of checks and background rounds: those come every few seconds and would bury
/// what people look for.
/// </summary>
internal sealed class WorkSampler : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(samplingParameters.Kind == ActivityKind.Client ? SamplingDecision.Drop : SamplingDecision.RecordAndSample);
}
