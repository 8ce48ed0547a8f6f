namespace AuthPlatform.Cli.Doctor;

/// <summary>How bad it is.</summary>
internal enum CheckStatus
{
    Ok,

    /// <summary>It works, but not as it should, or not for long.</summary>
    Warn,

    /// <summary>Something does not work, or will not.</summary>
    Fail,
}

/// <summary>One line of the doctor.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Status">How bad it is.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Advice">What to do about it; null when nothing has to be done.</param>
internal sealed record CheckResult(string Name, CheckStatus Status, string Detail, string? Advice = null);
