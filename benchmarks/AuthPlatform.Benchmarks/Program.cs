using System.CommandLine;
using AuthPlatform.Benchmarks;

var root = new RootCommand("Measures the platform as it runs, with stores that vanish afterwards. Results are ratios within one run: machines are noisy.")
{
    CleanupBenchmark.Command(),
    AdminListsBenchmark.Command(),
    JwksStormBenchmark.Command(),
    CapacityBenchmark.Command(),
    CompareBenchmark.Command(),
    ScaleBenchmark.Command(),
    ReplicasBenchmark.Command(),
    StartBenchmark.Command(),
    MemoryBenchmark.Command(),
    ServeCommand.Command(),
    LimitServers.Bare(),
    LimitServers.Proxy(),
};
return await root.Parse(args).InvokeAsync();
