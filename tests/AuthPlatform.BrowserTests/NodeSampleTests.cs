using System.Diagnostics;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Deployment;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.BrowserTests;

/// <summary>The samples for Node.js. No browser has to do with them, but what they need from npm is here.</summary>
public sealed class NodeSampleTests(FirstAdministrator administrator)
{
    /// <summary>Has tokens issued, and says whose each is, and one of another issuer, or why it is not taken.</summary>
    private const string Script = """
        import { signing } from './signing.mjs';
        import { accessTokens } from './verify.mjs';
        const { ISSUER, CLIENT_ID, CLIENT_SECRET, UNIQUE_KEY, FOREIGN_TOKEN } = process.env;
        const signedFetch = signing(CLIENT_ID, CLIENT_SECRET);
        const answer = await signedFetch(new URL('/auth/token', ISSUER), { method: 'POST', body: JSON.stringify({ unique_key: UNIQUE_KEY }) });
        const { access_token, refresh_token } = await answer.json();
        const verify = accessTokens(ISSUER, CLIENT_ID);
        for (const token of [access_token, refresh_token, FOREIGN_TOKEN]) {
          console.log(await verify(token).then(claims => claims.sub, error => error.code));
        }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Samples_SigningAndVerifying_TakeAccessTokensOfTheirIssuerOnly()
    {
        var platform = administrator.Platform;
        var application = await platform.CreateApplicationAsync(a => a.RefreshFormat = RefreshFormats.Jwt, Cancellation);
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var user = SignedRequests.NewUser();
        var foreign = (await platform.IssueAsync(other, user, Cancellation)).Text("access_token");

        var said = await RunAsync(new()
        {
            ["ISSUER"] = new Uri(platform.Gateway.BaseAddress!, $"/auth/{application.ClientId}").ToString(),
            ["CLIENT_ID"] = application.ClientId,
            ["CLIENT_SECRET"] = application.Secret,
            ["UNIQUE_KEY"] = user,
            ["FOREIGN_TOKEN"] = foreign,
        });

        Assert.Equal($"{user}\nERR_JWT_CLAIM_VALIDATION_FAILED\nERR_JWKS_NO_MATCHING_KEY\n", said);
    }

    /// <summary>What people copy is what is tested here.</summary>
    [Fact]
    public void Documentation_OfAResourceServer_PrintsTheSample() =>
        Assert.Contains($"```js\n{Repository.Read("samples/node/verify.mjs")}```", Repository.Read("docs/oauth2.md"), StringComparison.Ordinal);

    /// <summary>In a folder where Node.js finds the samples and, as for whoever copies them, the library.</summary>
    private static async Task<string> RunAsync(Dictionary<string, string> environment)
    {
        var folder = Directory.CreateTempSubdirectory("authplatform-node-");
        try
        {
            foreach (var sample in new[] { "signing.mjs", "verify.mjs" })
            {
                File.Copy(Repository.PathOf($"samples/node/{sample}"), Path.Combine(folder.FullName, sample));
            }

            Directory.CreateSymbolicLink(Path.Combine(folder.FullName, "node_modules"), Chromium.NodeModules);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "script.mjs"), Script, Cancellation);
            var start = new ProcessStartInfo("node", ["script.mjs"]) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var (name, value) in environment)
            {
                start.Environment[name] = value;
            }

            using var node = Process.Start(start)!;
            var (output, errors) = (node.StandardOutput.ReadToEndAsync(Cancellation), node.StandardError.ReadToEndAsync(Cancellation));
            await node.WaitForExitAsync(Cancellation);
            Assert.True(node.ExitCode == 0, await errors);
            return await output;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
