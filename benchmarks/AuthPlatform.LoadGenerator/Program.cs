using System.CommandLine;
using AuthPlatform.LoadGenerator;

return await new RootCommand("Puts load on a token service and says what it cost.") { RunCommand.Create() }.Parse(args).InvokeAsync();
