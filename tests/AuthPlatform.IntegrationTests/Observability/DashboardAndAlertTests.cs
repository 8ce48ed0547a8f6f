using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Gateway;
using AuthPlatform.IntegrationTests.Infrastructure;
using YamlDotNet.RepresentationModel;

namespace AuthPlatform.IntegrationTests.Observability;

/// <summary>What <c>deploy/observability</c> asks Prometheus for is what the services really emit, and all of it is documented.</summary>
public sealed partial class DashboardAndAlertTests(AuthPlatformFixture platform)
{
    /// <summary>Labels that Prometheus itself gives to whatever it scrapes.</summary>
    private static readonly string[] ScrapeLabels = ["job", "instance"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queries_OfDashboardAndAlerts_NameOnlyWhatTheServicesEmit()
    {
        using var certificate = new TestCertificate();
        var (gateway, _) = await GatewayProcess.StartWithTlsAsync(
            platform,
            certificate,
            new() { ["Metrics__Port"] = "0", ["OTEL_SERVICE_NAME"] = ResourceNames.Gateway, ["Limits__PublicKeys__PerSecond"] = "1", ["Limits__PublicKeys__Burst"] = "1" },
            Cancellation);
        using var running = gateway;
        await CauseEverythingAsync(gateway.Http);
        var queries = DashboardQueries().Concat(AlertQueries()).ToList();
        Assert.InRange(queries.Count, 60, 200);
        Assert.Equal(["admin-web", "gateway", "key-manager", "token-api"], Jobs().Order(StringComparer.Ordinal));

        IReadOnlyList<Series> series = [];
        try
        {
            // A replica leads the clean-up and the copying of revocations, and shows it after its first round.
            await Eventually.TrueAsync(
                async () =>
                {
                    series = [.. await ScrapeAllAsync(), .. PrometheusText.Read(await gateway.Http.GetStringAsync(gateway.Metrics, Cancellation))];
                    return !queries.Any(query => Problems(query.Query, query.Texts, series).Any()) && !UntakenGuesses(series).Any() && !WithoutAClock(series).Any();
                },
                Cancellation);
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            Assert.Empty(queries.SelectMany(query => Problems(query.Query, query.Texts, series)).Distinct());
        }

        Assert.Empty(UntakenGuesses(series));
        Assert.Empty(WithoutAClock(series));
        AssertNoticesMistakes(series);
        AssertDocumented([.. series.Select(s => s.Name).Where(name => name.StartsWith("authplatform_", StringComparison.Ordinal)).Distinct()]);
    }

    /// <summary>Every alert has a cause and a cure, a severity, and a summary.</summary>
    [Fact]
    public void Alerts_EachOfThem_AreDescribed()
    {
        var documentation = File.ReadAllText(Deployed("telemetry.md"));
        var rules = Rules().ToList();
        Assert.Equal(rules.Count, rules.Select(rule => Text(rule, "alert")).Distinct().Count());
        Assert.All(rules, rule =>
        {
            Assert.Contains($"| `{Text(rule, "alert")}` |", documentation, StringComparison.Ordinal);
            Assert.Matches("^(critical|warning)$", Text((YamlMappingNode)rule["labels"], "severity"));
            Assert.NotEqual("", Text((YamlMappingNode)rule["annotations"], "summary"));
        });
        Assert.Equal(rules.Count, AlertRow().Count(documentation));
    }

    /// <summary>Clients with version 1 may ask the same again, and nobody is to be called for it: whoever looks in the audit finds nothing.</summary>
    [Fact]
    public async Task Replays_OfQuestionsThatMayBeRepeated_RaiseNoAlert()
    {
        var application = await platform.CreateApplicationAsync(a => a.MinimumSignatureVersion = 1, Cancellation);
        var question = SignedRequests.VerifyBody((await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("access_token"));
        var environment = new Dictionary<string, string>(await platform.TokenApiEnvironmentAsync(Cancellation)) { ["Metrics__Port"] = "0", ["OTEL_SERVICE_NAME"] = ResourceNames.TokenApi };
        // Its own: what it counts is what this test does.
        using var tokenApi = await RunningService.StartAsync("AuthPlatform.TokenApi", environment, Cancellation);
        var alert = SelectorOf("AuthPlatformReplays");

        for (var asked = 0; asked < 2; asked++)
        {
            Assert.Equal(HttpStatusCode.OK, (await AuthPlatformFixture.SendFreshAsync(tokenApi.Http, () => SignedRequests.V1(application, "/auth/verify", question), Cancellation)).Status);
        }

        Assert.DoesNotContain(await ScrapeAsync(), alert.Takes);

        var (now, nonce) = (SignedRequests.Now(), SignedRequests.Nonce());
        await Eventually.TrueAsync(
            async () =>
            {
                await AuthPlatformFixture.SendAsync(tokenApi.Http, SignedRequests.V2(application, "/auth/verify", question, now, nonce), Cancellation);
                return (await ScrapeAsync()).Any(alert.Takes);
            },
            Cancellation);

        async Task<IReadOnlyList<Series>> ScrapeAsync() => PrometheusText.Read(await tokenApi.Http.GetStringAsync(tokenApi.Metrics, Cancellation));
    }

    /// <summary>Things that the services count only when they happen.</summary>
    private async Task CauseEverythingAsync(HttpClient gateway)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation);
        await platform.RefreshAsync(application, issued.Text("refresh_token"), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.SendSignedAsync(application with { Secret = "wrong" }, "/auth/token", () => "{}", Cancellation)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.CallAsync(application with { Secret = "wrong" }, application, "introspect", Cancellation, ("token", "x"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.SendSignedAsync(application, "/auth/rotate-key", () => "{}", Cancellation)).Status);

        var (body, now, nonce) = (SignedRequests.TokenBody(SignedRequests.NewUser()), 0L, "");
        await platform.SendFreshAsync(() => SignedRequests.V2(application, "/auth/token", body, now = SignedRequests.Now(), nonce = SignedRequests.Nonce()), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.SendFreshAsync(() => SignedRequests.V2(application, "/auth/token", body, now, nonce), Cancellation)).Status);

        // A stream that ends early has measured nothing.
        await Eventually.TrueAsync(() => IsStreamedAsync(application), Cancellation);
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await gateway.GetAsync(new Uri($"/auth/{application.ClientId}/jwks", UriKind.Relative), Cancellation);
                return answer.StatusCode == HttpStatusCode.TooManyRequests;
            },
            Cancellation);
        using var page = await platform.Gateway.GetAsync(new Uri("/admin/sign-in", UriKind.Relative), Cancellation);
    }

    /// <summary>Whether a stream tells of a session that is revoked while it is open.</summary>
    private async Task<bool> IsStreamedAsync(TestApplication application)
    {
        await using var reader = await FeedReader.OpenAsync(
            platform.Gateway, () => new HttpRequestMessage(HttpMethod.Get, $"/auth/{application.ClientId}/revocations").WithBasic(application), Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        await platform.SendSignedAsync(application, "/auth/revoke", () => SignedRequests.VerifyBody(issued.Text("access_token")), Cancellation);
        while (await reader.NextAsync() is var (_, revocation))
        {
            if (revocation.Text("sid") == issued.Text("session_id"))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<IReadOnlyList<Series>> ScrapeAllAsync()
    {
        using var http = new HttpClient();
        var answers = await Task.WhenAll(platform.MetricsAddresses.Select(address => http.GetStringAsync(address, Cancellation)));
        return [.. answers.SelectMany(PrometheusText.Read)];
    }

    private static IEnumerable<string> Problems(PromQuery query, IEnumerable<string> texts, IReadOnlyList<Series> series)
    {
        var used = query.Labels.Concat(texts.SelectMany(text => LabelInText().Matches(text).Select(match => match.Groups[1].Value))).Except(ScrapeLabels).ToList();
        foreach (var selector in query.Selectors)
        {
            var jobs = selector.Matchers.Where(matcher => matcher.Label == "job").ToList();
            if (selector.Metric == "up")
            {
                // Prometheus' own.
                if (jobs.Count == 0 || selector.Matchers.Count > jobs.Count || !Jobs().Any(job => jobs.All(matcher => matcher.Takes(job))))
                {
                    yield return $"No such job: {query.Text}";
                }

                continue;
            }

            var emitted = series.Where(s => s.Name == selector.Metric && jobs.All(matcher => matcher.Takes(s.Labels["job"]))).ToList();
            if (emitted.Count == 0)
            {
                yield return $"No such service emits {selector.Metric}: {query.Text}";
                continue;
            }

            foreach (var label in used.Where(label => !emitted.Any(s => s.Labels.ContainsKey(label))))
            {
                yield return $"{selector.Metric} has no label {label}: {query.Text}";
            }

            // Which statuses there are depends on luck.
            foreach (var matcher in selector.Matchers.Except(jobs).Where(matcher => matcher.Label == "http_response_status_code"
                ? !emitted.Any(s => s.Labels.ContainsKey(matcher.Label))
                : !emitted.Any(s => s.Labels.TryGetValue(matcher.Label, out var value) && matcher.Takes(value))))
            {
                yield return $"{selector.Metric} has no {matcher.Label}{matcher.Operator}{matcher.Value}: {query.Text}";
            }
        }
    }

    /// <summary>By which codes secrets are guessed, at whichever endpoints, without anybody being told.</summary>
    private static IEnumerable<string> UntakenGuesses(IReadOnlyList<Series> series) =>
        new[] { ErrorCodes.InvalidSignature, ErrorCodes.InvalidClientCredentials }.Except(series.Where(SelectorOf("AuthPlatformSignaturesGuessed").Takes).Select(s => s.Labels["error_type"]));

    /// <summary>Services that have a database and do not say how far their clock is from it.</summary>
    private static IEnumerable<string> WithoutAClock(IReadOnlyList<Series> series) =>
        new[] { ResourceNames.TokenApi, ResourceNames.KeyManager, ResourceNames.AdminWeb }.Except(series.Where(s => s.Name == "authplatform_clock_offset_seconds").Select(s => s.Labels["job"]));

    private static PromQuery.Selector SelectorOf(string alert) =>
        PromQuery.Parse(Text(Rules().Single(rule => Text(rule, "alert") == alert), "expr")).Selectors.Single();

    private static void AssertNoticesMistakes(IReadOnlyList<Series> series)
    {
        Assert.Empty(Problems(PromQuery.Parse("""sum by (job) (authplatform_health_status{authplatform_check="clock",job="token-api"})"""), [], series));
        foreach (var wrong in new[]
        {
            "rate(authplatform_tokens_isued_total[5m])",
            "rate(authplatform_tokens_issued[5m])",
            """sum by (athplatform_check) (authplatform_health_status)""",
            """authplatform_health_status{authplatform_check="clok"}""",
            """authplatform_health_status{authplatform_check="clock",job="gateway"}""",
            """up{job="token_api"}""",
        })
        {
            Assert.NotEmpty(Problems(PromQuery.Parse(wrong), [], series));
        }

        Assert.NotEmpty(Problems(PromQuery.Parse("authplatform_health_status"), ["{{athplatform_check}}"], series));
    }

    /// <summary>What is emitted stands in the documentation, and what stands there is emitted.</summary>
    private static void AssertDocumented(IReadOnlyList<string> emitted)
    {
        var documented = MetricRow().Matches(File.ReadAllText(Deployed("telemetry.md"))).Select(match => match.Groups[1].Value.Replace('.', '_')).ToList();
        Assert.NotEmpty(documented);
        Assert.All(emitted, name => Assert.Contains(documented, known => IsOf(name, known)));
        Assert.All(documented, known => Assert.Contains(emitted, name => IsOf(name, known)));

        static bool IsOf(string series, string metric) => Regex.IsMatch(series, $"^{metric}(_seconds)?(_total|_bucket|_sum|_count)?$");
    }

    private static IEnumerable<(PromQuery Query, string[] Texts)> DashboardQueries()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Deployed("dashboard.json")));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .Where(panel => panel.Text("type") != "row")
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => (PromQuery.Parse(target.Text("expr")), new[] { target.Text("legendFormat") }))];
    }

    private static IEnumerable<(PromQuery Query, string[] Texts)> AlertQueries() =>
        Rules().Select(rule => (PromQuery.Parse(Text(rule, "expr")), new[] { Text((YamlMappingNode)rule["annotations"], "summary") }));

    private static IEnumerable<YamlMappingNode> Rules() =>
        ((YamlSequenceNode)Yaml("alerts.yml")["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"]).Cast<YamlMappingNode>();

    private static IEnumerable<string> Jobs() => ((YamlSequenceNode)Yaml("prometheus.yml")["scrape_configs"]).Select(job => Text((YamlMappingNode)job, "job_name"));

    private static string Text(YamlMappingNode node, string name) => ((YamlScalarNode)node[name]).Value!;

    private static YamlMappingNode Yaml(string file)
    {
        using var reader = File.OpenText(Deployed(file));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static string Deployed(string file) => Path.Combine(AppContext.BaseDirectory, "observability", file);

    /// <summary>In legends and summaries: <c>{{label}}</c>, <c>{{ $labels.label }}</c>.</summary>
    [GeneratedRegex(@"\{\{\s*(?:\$labels\.)?(?!\$)(\w+)\s*\}\}")]
    private static partial Regex LabelInText();

    [GeneratedRegex(@"^\| `(authplatform\.[a-z_.]+)` \|", RegexOptions.Multiline)]
    private static partial Regex MetricRow();

    [GeneratedRegex(@"^\| `AuthPlatform\w+` \|", RegexOptions.Multiline)]
    private static partial Regex AlertRow();
}
