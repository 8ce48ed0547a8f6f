namespace Aspire.Hosting.Running;

/// <summary>PostgreSQL refuses to run as root, as which containers and build machines often run everything.</summary>
internal static class RootPrivileges
{
    private const string Nobody = "65534";

    private static readonly string[] UserNamespace = ["unshare", "--user", $"--map-user={Nobody}", $"--map-group={Nobody}"];

    public static readonly bool IsRoot = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

    // In a user namespace the files still belong to us; without one they must be given away.
    private static readonly bool HasUserNamespaces = IsRoot && OrphanGuard.Succeeds(UserNamespace[0], [.. UserNamespace[1..], "true"]);

    /// <summary>Goes in front of a command.</summary>
    public static string[] Drop =>
        !IsRoot ? [] : HasUserNamespaces ? UserNamespace : ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups"];

    /// <summary>Whether processes started with <see cref="Drop"/> are strangers to the files of this user, whose home they cannot enter either.</summary>
    public static bool ChangesOwner => IsRoot && !HasUserNamespaces;

    /// <summary>Only on Linux can it be given up for one process.</summary>
    public static void ThrowIfPostgresWouldRefuse()
    {
        if (!OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess)
        {
            throw new DistributedApplicationException("PostgreSQL refuses to run as root or as an administrator: start the AppHost as an ordinary user.");
        }
    }

    public static void GiveAway(string directory)
    {
        if (ChangesOwner && !OrphanGuard.Succeeds("chown", "-R", $"{Nobody}:{Nobody}", directory))
        {
            throw new DistributedApplicationException($"{directory} cannot be given to user {Nobody}, as whom PostgreSQL is to run.");
        }
    }
}
