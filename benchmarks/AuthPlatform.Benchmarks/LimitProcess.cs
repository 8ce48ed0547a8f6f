using System.Diagnostics;
using AuthPlatform.LoadGenerator;

namespace AuthPlatform.Benchmarks;

/// <summary>One of <see cref="LimitServers"/> as a process of its own.</summary>
internal sealed class LimitProcess : IDisposable
{
    private readonly Process _process;

    private LimitProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public int Id => _process.Id;

    public static async Task<LimitProcess> StartAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Insert(0, typeof(LimitProcess).Assembly.Location);
        }

        var process = Process.Start(start)!;
        return await process.StandardOutput.ReadLineAsync(cancellationToken) is { } address
            ? new LimitProcess(process, new Uri(address))
            : throw new InvalidOperationException($"{arguments[0]} did not start.");
    }

    /// <summary>What a request to it is, as a scenario: a body of so many bytes there, and so many back.</summary>
    public static Scenario Exchange(string name, int requestBytes, int answerBytes) => new(
        name,
        (client, _, _) => Task.FromResult<Func<int, CancellationToken, Task<Answer>>>(requestBytes == 0
            ? (_, cancel) => client.GetAsync($"/?bytes={answerBytes}", null, cancel)
            : (_, cancel) => client.PostAsync($"/?bytes={answerBytes}", $"\"token\":\"{new string('x', requestBytes - 12)}\"", cancel)));

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
