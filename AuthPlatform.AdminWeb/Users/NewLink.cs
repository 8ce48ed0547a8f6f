namespace AuthPlatform.AdminWeb.Users;

/// <summary>A set-up link that was just made, for the one time it is shown.</summary>
internal sealed record NewLink(Guid Id, string UserName, string Url)
{
    /// <summary>Without the link: whoever writes this object to a log must not write that.</summary>
    public override string ToString() => $"{nameof(NewLink)} {{ {nameof(Id)} = {Id} }}";
}
