using AuthPlatform.Cli;
using AuthPlatform.Cli.Running;

return await OperatorCommand.RunAsync(args, Terminal.OfThisProcess());
