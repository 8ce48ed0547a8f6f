namespace AuthPlatform.Contracts;

/// <summary>How the services learn that an application was changed, sooner than by reading it again after a while.</summary>
public static class ApplicationChanges
{
    /// <summary>The Redis channel. Whoever has committed a change publishes the <c>client_id</c> there; nothing depends on the message arriving.</summary>
    public const string Channel = "applications";
}
