namespace AuthPlatform.Cli.Running;

/// <summary>Where a command reads and writes.</summary>
/// <param name="Input">What is typed or piped in.</param>
/// <param name="Output">The result, and nothing else.</param>
/// <param name="Error">Failures, warnings and questions, so that a result can be piped.</param>
/// <param name="IsInteractive">Whether somebody is there to answer.</param>
internal sealed record Terminal(TextReader Input, TextWriter Output, TextWriter Error, bool IsInteractive)
{
    public static Terminal OfThisProcess() => new(Console.In, Console.Out, Console.Error, !Console.IsInputRedirected && !Console.IsErrorRedirected);

    /// <summary>Asks a question that is answered with yes or no; anything but yes is no.</summary>
    public bool Ask(string question)
    {
        Error.Write($"{question} [y/N] ");
        return Input.ReadLine()?.Trim() is { } answer && (answer.Equals("y", StringComparison.OrdinalIgnoreCase) || answer.Equals("yes", StringComparison.OrdinalIgnoreCase));
    }
}
