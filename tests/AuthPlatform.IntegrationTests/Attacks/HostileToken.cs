namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>A token that must be refused.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Token">The token as it is presented.</param>
/// <param name="Detail">What must be said about it, and no more.</param>
internal sealed record HostileToken(string Name, string Token, string Detail = HostileToken.Invalid)
{
    public const string Invalid = "Invalid token";
    public const string Expired = "Token expired";
    public const string WrongType = "Invalid token type";
}
