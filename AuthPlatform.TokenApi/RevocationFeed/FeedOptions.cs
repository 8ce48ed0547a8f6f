using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AuthPlatform.TokenApi.RevocationFeed;

/// <summary>Settings of the revocation feed; section <c>RevocationFeed</c>.</summary>
internal sealed class FeedOptions
{
    public const string Section = "RevocationFeed";

    /// <summary>How many streams of one application's revocations this process keeps open for each caller at most; default 20, 1–1000. A further one is answered 429.</summary>
    [Range(1, 1000)]
    public int MaxStreamsPerApplication { get; set; } = 20;
}

/// <summary>Refuses values out of range.</summary>
[OptionsValidator]
internal sealed partial class ValidateFeedOptions : IValidateOptions<FeedOptions>;
