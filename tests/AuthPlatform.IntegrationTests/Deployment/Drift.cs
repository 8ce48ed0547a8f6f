namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>Where a deployment says something else than AppHost.cs.</summary>
internal static class Drift
{
    /// <summary>What only containers need: where the gateway is, time to leave, and a place for the address that the platform had before.</summary>
    private static readonly string[] OfContainers = ["TrustedProxies__", "Shutdown__DrainSeconds", "Tokens__FormerPublicUrls__"];

    /// <summary>One sentence for each difference.</summary>
    /// <param name="model">What should be.</param>
    /// <param name="deployed">What is.</param>
    /// <param name="addressOf">Where a service is found in the deployment.</param>
    /// <param name="entrancePath">What the service that is reached from outside is asked, where it gets no requests while it says no; as in the model when null.</param>
    public static IReadOnlyList<string> Between(AppHostModel model, IReadOnlyCollection<DeployedService> deployed, Func<string, string?> addressOf, string? entrancePath = null)
    {
        var differences = new List<string>();
        differences.AddRange(model.Services.Select(s => s.Name).Except(deployed.Select(s => s.Name)).Select(name => $"{name} is missing"));
        differences.AddRange(deployed.Select(s => s.Name).Except(model.Services.Select(s => s.Name)).Select(name => $"{name} is not in the model"));
        var sources = new Dictionary<string, string>();
        foreach (var (expected, actual) in model.Services.Join(deployed, s => s.Name, s => s.Name, (expected, actual) => (expected, actual)))
        {
            var found = Settings(expected, actual).Concat(expected.Settings.Where(setting => actual.Plain.ContainsKey(setting.Key) || actual.Secrets.ContainsKey(setting.Key)).SelectMany(Value));
            var readyPath = expected.PublicPort is null ? expected.ReadyPath : entrancePath ?? expected.ReadyPath;
            differences.AddRange(found.Concat(Rest(expected, actual, readyPath)).Select(difference => $"{expected.Name}: {difference}"));

            IEnumerable<string> Value(KeyValuePair<string, string> setting) => Compare(setting.Key, setting.Value, actual);
        }

        return differences;

        IEnumerable<string> Compare(string name, string expression, DeployedService actual)
        {
            if (model.IsSecret(expression))
            {
                if (actual.Plain.ContainsKey(name))
                {
                    yield return $"{name} is open to everybody";
                }
                else if (!sources.TryAdd(expression, actual.Secrets[name]) && sources[expression] != actual.Secrets[name])
                {
                    yield return $"{name} comes from {actual.Secrets[name]}, but {expression} from {sources[expression]} elsewhere";
                }
                else if (sources.Any(other => other.Key != expression && other.Value == actual.Secrets[name]))
                {
                    yield return $"{name} comes from {actual.Secrets[name]}, which is something else elsewhere";
                }
            }
            else if (!actual.Plain.TryGetValue(name, out var value))
            {
                yield return $"{name} is made a secret";
            }
            else if (AppHostModel.AddressIn(expression) is { } target ? value != addressOf(target) : !expression.StartsWith('{') && value != expression)
            {
                yield return $"{name} is {value}";
            }
        }
    }

    private static IEnumerable<string> Settings(AppHostModel.Service expected, DeployedService actual)
    {
        var names = actual.Plain.Keys.Concat(actual.Secrets.Keys).Where(name => !OfContainers.Any(own => name.StartsWith(own, StringComparison.Ordinal))).ToList();
        return expected.Settings.Keys.Except(names).Select(name => $"{name} is missing")
            .Concat(names.Except(expected.Settings.Keys).Select(name => $"{name} is not in the model"));
    }

    private static IEnumerable<string> Rest(AppHostModel.Service expected, DeployedService actual, string? readyPath)
    {
        if (actual.Image != $"authplatform/{expected.Name}")
        {
            yield return $"the image is {actual.Image}";
        }

        if (actual.ReadyPath != readyPath)
        {
            yield return $"readiness is asked at {actual.ReadyPath}";
        }

        if (actual.Waits is not null && !actual.Waits.SetEquals(expected.Waits))
        {
            yield return $"it waits for {string.Join(", ", actual.Waits.Order())} instead of {string.Join(", ", expected.Waits.Order())}";
        }
    }
}
