using System.Diagnostics;

namespace AuthPlatform.UnitTests.Signing;

/// <summary>What people copy to sign with in Python. It makes time, nonce and body itself; here they are those of the known answers.</summary>
public sealed class PythonSampleTests
{
    private const string SignAll = """
        import importlib.util, json, sys
        from types import SimpleNamespace
        spec = importlib.util.spec_from_file_location("quickstart", sys.argv[1])
        sample = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sample)
        with open(sys.argv[2], encoding="utf-8") as published:
            vectors = json.load(published)
        for version, sign in (("v1", sample.signed_v1), ("v2", sample.signed_v2)):
            for vector in vectors[version]:
                if vector.get("method", "POST") == "POST" and not vector.get("query"):
                    sample.CLIENT_ID = vector.get("client_id")
                    sample.time = SimpleNamespace(time=lambda: vector.get("timestamp", 0))
                    sample.secrets = SimpleNamespace(token_urlsafe=lambda size: vector["nonce"])
                    sample.json = SimpleNamespace(dumps=lambda members: vector["body"])
                    path, body, headers = sign(vector["secret"], vector.get("path", "/"), {})
                    print(headers["X-Signature"])
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Python_KnownAnswers_AreReproduced()
    {
        var start = new ProcessStartInfo("python3", ["-B", "-c", SignAll, Path.Combine(AppContext.BaseDirectory, "Samples", "quickstart.py"), RequestSigningVectors.Published])
        {
            RedirectStandardOutput = true,
        };
        using var python = Process.Start(start)!;
        var signatures = await python.StandardOutput.ReadToEndAsync(Cancellation);
        await python.WaitForExitAsync(Cancellation);

        // All that it sends are POSTs without a query.
        var expected = RequestSigningVectors.V1.Concat(RequestSigningVectors.V2.Where(vector => vector.Text("method") == "POST" && vector.Text("query").Length == 0)).Select(vector => vector.Text("signature")).ToList();
        Assert.True(expected.Count > RequestSigningVectors.V1.Count());
        Assert.Equal(expected, signatures.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
