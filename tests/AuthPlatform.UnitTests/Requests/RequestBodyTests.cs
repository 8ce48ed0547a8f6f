using AuthPlatform.TokenApi.Requests;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.UnitTests.Requests;

public sealed class RequestBodyTests
{
    /// <summary>However the client ends, it is no defect of ours.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_WhoseClientEndsInTheMiddleOfIt_IsABadRequest(bool isReset)
    {
        var failure = await HalfABody.ReadAsync(async context => await RequestBody.ReadAsync(context.Request, SignedEndpoint.Token, context.RequestAborted), isReset);

        Assert.Equal(StatusCodes.Status400BadRequest, Assert.IsType<BadHttpRequestException>(failure, exactMatch: false).StatusCode);
    }
}
