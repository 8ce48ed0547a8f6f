namespace AuthPlatform.Cli.Running;

/// <summary>Says how far a long command is, in one line that is written over; to nobody where nobody watches.</summary>
internal sealed class ProgressLine(Terminal terminal) : IDisposable
{
    private bool _isBegun;

    /// <summary>Shows a text that is no shorter than the one before.</summary>
    public void Show(string text)
    {
        if (terminal.IsInteractive)
        {
            terminal.Error.Write($"\r{text}");
            _isBegun = true;
        }
    }

    /// <summary>Leaves it as it is, so that what follows has a line of its own.</summary>
    public void Dispose()
    {
        if (_isBegun)
        {
            terminal.Error.WriteLine();
        }
    }
}
