using AuthPlatform.Contracts;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>The Key Manager's signing route, called as a Token API does.</summary>
internal static class SigningRoute
{
    public static async Task<IReadOnlyList<(SignedToken? Token, int Status)>> SignAsync(this HttpClient keyManager, IReadOnlyList<SigningRequest> requests, CancellationToken cancellationToken)
    {
        using var response = await keyManager.PostAsync(KeyManagerContract.SignAddress, new ReadOnlyMemoryContent(SigningFrames.Write(requests)), cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
        var answer = SigningFrames.ReadAnswer(await response.Content.ReadAsByteArrayAsync(cancellationToken), requests.Count);
        Assert.NotNull(answer);
        return answer;
    }
}
