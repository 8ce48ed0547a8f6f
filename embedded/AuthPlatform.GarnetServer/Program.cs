using System.Runtime.InteropServices;
using Garnet;

// Stands in for Redis when AppHost.cs runs without containers. Arguments: --port, --checkpointdir, and --persist to keep data.
// The password comes in the environment: everybody may read a command line.
const string PasswordVariable = "GARNET_PASSWORD";
var password = Environment.GetEnvironmentVariable(PasswordVariable) ?? throw new InvalidOperationException($"{PasswordVariable} is not set.");

// What is under way in ten minutes of full load fits. An index that is full takes no more keys, not even in place of those that have expired, so it has room for more of them than the memory.
string[] memory = ["--memory", "512m", "--page", "4m", "--index", "64m"];
string[] access = ["-q", "--bind", "127.0.0.1", "--auth", "Password", "--password", password, "--lua"];
// The default device needs a native library (libaio) that not every system has.
string[] persistence = ["--aof", "--aof-memory", "32m", "--aof-page-size", "8m", "--aof-size-limit", "64m", "--aof-segment-size", "64m", "--device-type", "RandomAccess", "--recover"];

var options = args.Contains("--persist") ? args.Where(arg => arg != "--persist").Concat(persistence) : args;
using var server = new GarnetServer([.. options, .. memory, .. access]);

var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Stop); // Ctrl+Break on Windows
server.Start();
await stop.Task;

void Stop(PosixSignalContext context)
{
    context.Cancel = true; // the server is disposed below, which finishes writing
    stop.TrySetResult();
}
