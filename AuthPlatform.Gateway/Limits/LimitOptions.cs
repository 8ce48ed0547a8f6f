using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AuthPlatform.Gateway.Limits;

/// <summary>How much one caller may ask for; a setting for each kind of caller.</summary>
internal sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>All requests of one address; for IPv6, of one /64, which is what one customer gets.</summary>
    [ValidateObjectMembers]
    public Rate Address { get; set; } = new(2000, 4000);

    /// <summary>What one application has really done: requests with its secret that succeeded. Nobody else can use this up for it.</summary>
    [ValidateObjectMembers]
    public Rate Application { get; set; } = new(2000, 4000);

    /// <summary>Refused signatures or passwords of one address in the name of one application.</summary>
    [ValidateObjectMembers]
    public Rate FailedSignatures { get; set; } = new(10, 200);

    /// <summary>Requests of one address for public keys and metadata, which clients are told to keep for minutes.</summary>
    [ValidateObjectMembers]
    public Rate PublicKeys { get; set; } = new(100, 500);

    /// <summary>Open connections of one address, counted like its requests; 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int Connections { get; set; } = 1000;

    internal sealed class Rate(int perSecond, int burst)
    {
        public Rate()
            : this(1, 1)
        {
        }

        /// <summary>How many a second in the long run; 0 for no limit.</summary>
        [Range(0, 1_000_000)]
        public int PerSecond { get; set; } = perSecond;

        /// <summary>How many at once after a rest.</summary>
        [Range(1, 1_000_000)]
        public int Burst { get; set; } = burst;
    }
}

/// <summary>Checks <see cref="LimitOptions"/>; every failure is named with its setting.</summary>
[OptionsValidator]
internal sealed partial class ValidateLimitOptions : IValidateOptions<LimitOptions>;
