namespace AuthPlatform.AdminWeb.Applications;

/// <summary>A secret that was just made, for the one time it is shown.</summary>
internal sealed record NewSecret(string Name, string ClientId, string Secret, Uri PublicUrl)
{
    /// <summary>Without the secret: whoever writes this object to a log must not write that.</summary>
    public override string ToString() => $"{nameof(NewSecret)} {{ {nameof(ClientId)} = {ClientId} }}";
}
