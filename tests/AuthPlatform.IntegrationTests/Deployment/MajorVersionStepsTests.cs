namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The move to another major version of PostgreSQL in Compose (docs/deployment.md): nobody writes after the dump, and nobody starts before doctor has looked.</summary>
public sealed class MajorVersionStepsTests
{
    private readonly ComposeFile _compose = new(Repository.Read("docker-compose.yml"));

    [Fact]
    public void Dump_OfTheOldServer_IsTakenWhenNoServiceRuns()
    {
        const string Stop = "docker compose stop ";
        var steps = Steps("pg_dump");

        Assert.StartsWith(Stop, steps[0], StringComparison.Ordinal);
        Assert.Equal(_compose.Built.Where(service => service.ReadyPath is not null).Select(service => service.Name).Order(), steps[0][Stop.Length..].Split(' ').Order());
        Assert.Equal(LinesOfOperations("pg_dump"), steps[1..]);
    }

    /// <summary>Of the steps of a restore those that are meant, and none of what is for a new machine.</summary>
    [Fact]
    public void Dump_InTheNewServer_IsLookedAtBeforeAnyServiceStarts() => Assert.Equal(
        ["docker compose up --detach --wait postgres redis", .. LinesOfOperations("pg_restore"), "docker compose run --rm migrations", "docker compose run --rm cli doctor"],
        Steps("pg_restore"));

    private static List<string> LinesOfOperations(string program) =>
        [.. Repository.Read("docs/operations.md").Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith($"docker compose exec -T postgres {program} ", StringComparison.Ordinal))];

    /// <summary>Each only when the one before has succeeded.</summary>
    private static List<string> Steps(string program) => [.. DocumentedSteps.With(program).Split("&&").Select(step => step.Trim())];
}
