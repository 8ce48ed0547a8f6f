using AuthPlatform.Gateway.Forwarding;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.UnitTests.Gateway;

public sealed class KeptBodyTests
{
    /// <summary>However the client ends, it is no defect of ours.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_WhoseClientEndsInTheMiddleOfIt_IsABadRequest(bool isReset)
    {
        var isUsed = false;
        var failure = await HalfABody.ReadAsync(context => KeptBody.UseAsync(context, UseAsync), isReset);

        Assert.Equal(StatusCodes.Status400BadRequest, Assert.IsType<BadHttpRequestException>(failure, exactMatch: false).StatusCode);
        Assert.False(isUsed);

        Task UseAsync()
        {
            isUsed = true;
            return Task.CompletedTask;
        }
    }
}
