using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Says whether an access token is good at this very moment: one that the caller may know of, in its lifetime, and not revoked.</summary>
internal sealed class TokenVerifier(TokenReader reader, RevocationList revocations)
{
    /// <summary>Gives the verified token, or the answer that refuses it.</summary>
    public async ValueTask<(VerifiedToken? Token, Problem? Problem)> VerifyAsync(Application caller, string token, CancellationToken cancellationToken)
    {
        var (verified, problem) = await reader.ReadVisibleAsync(caller, token, cancellationToken);
        return verified is not null && await revocations.ContainsAsync(verified.SessionId, verified.Generation, cancellationToken)
            ? (null, TokenProblems.InvalidToken)
            : (verified, problem);
    }
}
