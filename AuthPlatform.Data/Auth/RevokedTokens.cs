namespace AuthPlatform.Data.Auth;

/// <summary>Tokens that die before their time: all of a session, one without a session, or the access token of one generation.</summary>
/// <param name="Id">The <c>sid</c>, or the <c>jti</c> of a token without a session.</param>
/// <param name="Generation">The one generation that is meant; null for all.</param>
/// <param name="EffectiveAt">From when on they are refused.</param>
/// <param name="Until">When the last of them would have died by itself, clocks included.</param>
public sealed record RevokedTokens(Guid Id, int? Generation, DateTimeOffset EffectiveAt, DateTimeOffset Until)
{
    /// <summary>Those of a session that has ended.</summary>
    public static RevokedTokens Of(EndedSession session, DateTimeOffset effectiveAt) => new(session.Id, null, effectiveAt, session.Until);
}
