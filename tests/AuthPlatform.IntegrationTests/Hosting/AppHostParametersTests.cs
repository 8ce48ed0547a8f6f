namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>Who says what a parameter is. Arguments with underscores stand for variables of the environment here, which cannot have dashes: both are configuration.</summary>
public sealed class AppHostParametersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("quickstart")]
    [InlineData("environment", "--Parameters:bootstrap_client_id=environment")]
    [InlineData("argument", "--Parameters:bootstrap_client_id=environment", "--Parameters:bootstrap-client-id=argument")]
    public async Task Parameter_WithUnderscores_IsAboveTheFilesAndBelowArguments(string expected, params string[] arguments)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AuthPlatform_AppHost>(["--Stores:Keep=false", .. arguments], Cancellation);
        var clientId = builder.Resources.OfType<ParameterResource>().Single(parameter => parameter.Name == "bootstrap-client-id");
        Assert.Equal(expected, await clientId.GetValueAsync(Cancellation));
    }
}
