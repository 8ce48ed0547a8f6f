namespace AuthPlatform.Data.Auth;

/// <summary>How much a session holds of what an application says, wherever it comes in. The columns of the table are as long.</summary>
public static class SessionLimits
{
    /// <summary>Most <see cref="Characters"/> of the application's name for the user.</summary>
    public const int UniqueKey = 128;

    /// <summary>Most <see cref="Characters"/> of the user's device.</summary>
    public const int Device = 512;

    /// <summary>Most characters of the scope, which are ASCII.</summary>
    public const int Scope = 1024;

    /// <summary>Most bytes of the application's own claims.</summary>
    public const int Claims = 2048;

    /// <summary>Unicode code points, as PostgreSQL and Python count.</summary>
    public static int Characters(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
