using System.Diagnostics;
using System.Text.RegularExpressions;
using AuthPlatform.AdminWeb;
using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.Contracts.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AuthPlatform.UnitTests.AdminWeb;

public sealed class SnippetTests
{
    private const string Secret = "cs_secret";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Arguments of programs can be read by everybody on the machine.</summary>
    [Fact]
    public void Program_ThatAPageShows_GivesTheSecretToNoOtherAsAnArgument()
    {
        var curl = Program("curl", "https://auth.example");

        Assert.Contains("export AUTHPLATFORM_CLIENT_SECRET='cs_secret'", curl, StringComparison.Ordinal);
        Assert.Equal(1, Regex.Count(curl, @"cs_secret|\$\{?AUTHPLATFORM_CLIENT_SECRET"));
    }

    /// <summary>As it arrives: with the path of the public address, which nobody on the way may take off.</summary>
    [Theory]
    [InlineData("curl", "bash", "", "/auth/token")]
    [InlineData("curl", "bash", "/id", "/id/auth/token")]
    [InlineData("curl", "bash", "/a%20b/eu/", "/a%20b/eu/auth/token")]
    [InlineData("python", "python3", "/", "/auth/token")]
    [InlineData("python", "python3", "/id", "/id/auth/token")]
    [InlineData("python", "python3", "/a%20b/eu/", "/a%20b/eu/auth/token")]
    public async Task Program_ThatAPageShows_AsksBelowThePublicAddressAndSignsThat(string id, string interpreter, string prefix, string path)
    {
        await using var server = await LocalServer.StartAsync(async context => await context.Response.WriteAsync(await DescribeAsync(context.Request), context.RequestAborted));
        var start = new ProcessStartInfo(interpreter, ["-c", Program(id, server.Urls.Single() + prefix)]) { RedirectStandardOutput = true };
        using var program = Process.Start(start)!;
        var printed = await program.StandardOutput.ReadToEndAsync(Cancellation);
        await program.WaitForExitAsync(Cancellation);

        Assert.Equal($"POST {path} signed", printed.Trim());
    }

    /// <summary>To compile it takes longer than all the others here.</summary>
    [Fact]
    public void ProgramInCSharp_BelowAPrefix_AsksForWhatItSigns()
    {
        var program = Program("csharp", "https://example.com/id/");

        Assert.Contains("\"POST\", \"/id/auth/token\", \"\", timestamp", program, StringComparison.Ordinal);
        Assert.Contains("HttpMethod.Post, \"https://example.com/id/auth/token\")", program, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "https://admin.example.com/")]
    [InlineData("", "https://admin.example.com/")]
    [InlineData("https://example.com/id", "https://example.com/id")]
    public void Address_OfClients_IsThatOfThePagesUnlessAnotherIsSet(string? configured, string expected) =>
        Assert.Equal(expected, new ClientAddress(configured, new AdminOptions { PublicUrl = "https://admin.example.com" }).Url.AbsoluteUri);

    private static string Program(string id, string publicUrl) => Snippets.For(new Uri(publicUrl), "app", Secret).Single(program => program.Id == id).Text;

    private static async Task<string> DescribeAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var parts = new RequestSignatureV2.Parts(
            request.Method, target, "", request.Headers[SigningHeaders.Timestamp].ToString(), request.Headers[SigningHeaders.Nonce].ToString(), request.Headers[SigningHeaders.ClientId].ToString());
        var isSigned = request.Headers[SigningHeaders.Signature].ToString() == RequestSignatureV2.Sign(Secret, parts, body.ToArray());
        return $"{request.Method} {target} {(isSigned ? "signed" : "signed otherwise")}";
    }
}
