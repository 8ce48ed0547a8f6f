using System.ComponentModel.DataAnnotations;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>Settings of request authentication; section <c>SignedRequests</c>.</summary>
internal sealed class SignedRequestOptions
{
    public const string Section = "SignedRequests";

    /// <summary>
    /// How far a request's timestamp may be from this machine's clock, in seconds; default 300, 30–900. Replay memory lasts twice this plus forty seconds,
    /// so a larger skew costs memory, and is never given to some only: what the others have forgotten would be new to them (docs/operations.md).
    /// </summary>
    [Range(30, 900)]
    public int SkewSeconds { get; set; } = 300;

    /// <summary>Seconds after which it is written down at the latest that a secret was used, default 30, 1–300; one statement for all secrets each time.</summary>
    [Range(1, 300)]
    public int SecretUseSeconds { get; set; } = 30;

    /// <summary>
    /// How long a request must be remembered so that it can't be accepted a second time: from the earliest to the latest moment its timestamp is good, on two replicas whose
    /// clocks are as far apart as they may be.
    /// </summary>
    public TimeSpan ReplayMemory => TimeSpan.FromSeconds((2 * SkewSeconds) + 10) + (2 * ClockCheck.Limit);
}

/// <summary>Refuses values out of range.</summary>
[OptionsValidator]
internal sealed partial class ValidateSignedRequestOptions : IValidateOptions<SignedRequestOptions>;
