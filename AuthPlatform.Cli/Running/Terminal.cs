using System.Text;

namespace AuthPlatform.Cli.Running;

/// <summary>Where a command reads and writes.</summary>
/// <param name="Input">What is typed or piped in.</param>
/// <param name="Output">The result, and nothing else.</param>
/// <param name="Error">Failures, warnings and questions, so that a result can be piped.</param>
/// <param name="IsInteractive">Whether somebody is there to answer.</param>
internal sealed record Terminal(TextReader Input, TextWriter Output, TextWriter Error, bool IsInteractive)
{
    /// <summary>The clock of the machine that it is at.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public static Terminal OfThisProcess() => new(Console.In, Console.Out, Console.Error, !Console.IsInputRedirected && !Console.IsErrorRedirected);

    /// <summary>Asks a question that is answered with yes or no; anything but yes is no.</summary>
    public bool Ask(string question)
    {
        Error.Write($"{question} [y/N] ");
        return Input.ReadLine()?.Trim() is { } answer && (answer.Equals("y", StringComparison.OrdinalIgnoreCase) || answer.Equals("yes", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Asks for something that must not appear on the screen; only where <see cref="IsInteractive"/>.</summary>
    public string AskSecret(string question)
    {
        Error.Write(question);
        var typed = new StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                typed.Append(key.KeyChar);
            }
        }

        Error.WriteLine();
        return typed.ToString();
    }
}
