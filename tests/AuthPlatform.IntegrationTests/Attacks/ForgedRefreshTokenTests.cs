using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>
/// Who has a signing key can write access tokens until it is revoked. A refresh token is not among what they can write: it would be exchanged for tokens that the revocation does
/// not reach, or, as an old one, end any session.
/// </summary>
public sealed class ForgedRefreshTokenTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RefreshFormats.Opaque)]
    [InlineData(RefreshFormats.Jwt)]
    public async Task RefreshToken_WrittenWithASigningKeyAlone_IsNoneAndEndsNothing(string format)
    {
        var application = await platform.CreateApplicationAsync(a => a.RefreshFormat = format, Cancellation);
        using var leaked = await PublishedKey.AddAsync(platform, application, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var refreshed = await platform.RefreshAsync(application, issued.Text("refresh_token"), Cancellation);
        // The first generation is beyond its grace: the real token of it would end the session.
        await platform.AgeSessionAsync(issued.Text("session_id"), 31, Cancellation);
        var claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(refreshed.Text("access_token").Split('.')[1]));
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, leaked.Sign(leaked.Header("at+jwt"), claims), Cancellation)).Status);

        HostileToken[] forged =
        [
            Forged("current", "1", $"\"{SignedRequests.Nonce()[..22]}\""),
            Forged("used up", "0", $"\"{SignedRequests.Nonce()[..22]}\""),
            Forged("still to come", "2", $"\"{SignedRequests.Nonce()[..22]}\""),
            Forged("with the id of the access token", "1", JsonElement.Parse(claims).GetProperty("jti").GetRawText()),
            Forged("without an id", "1", null),
        ];
        var endpoints = new TokenEndpoints(platform, application);
        await endpoints.AssertNoRefreshTokensAsync(forged, Cancellation);
        await endpoints.AssertNoAccessTokensAsync([.. forged.Select(token => token with { Detail = HostileToken.WrongType })], Cancellation);

        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, refreshed.Text("access_token"), Cancellation)).Status);
        var next = await platform.RefreshAsync(application, refreshed.Text("refresh_token"), Cancellation);
        Assert.Equal(issued.Text("session_id"), next.Text("session_id"));

        HostileToken Forged(string name, string generation, string? id)
        {
            var (issuer, end) = (JsonElement.Parse(claims).GetProperty("iss").GetRawText(), $"{SignedRequests.Now() + 86_400}");
            return new HostileToken(name, leaked.Sign(leaked.Header("rt+jwt"), HostileClaims.With(claims, ("typ", "\"refresh\""), ("aud", issuer), ("exp", end), ("gen", generation), ("jti", id))));
        }
    }
}
