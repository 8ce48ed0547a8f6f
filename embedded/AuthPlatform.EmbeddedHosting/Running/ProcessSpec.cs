namespace Aspire.Hosting.Running;

/// <summary>A process to start.</summary>
internal sealed record ProcessSpec(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>What it is, for people: <c>PostgreSQL 18.4</c>.</summary>
    public string? Description { get; init; }

    public string? WorkingDirectory { get; init; }

    /// <summary>Added to the environment of the host.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The program logs everything to standard error, so a line there is no error.</summary>
    public bool LogsToStandardError { get; init; }

    /// <summary>The program refuses to run as root, so give root up when we have it.</summary>
    public bool RefusesRoot { get; init; }

    /// <summary>Asks it to end.</summary>
    public Signal StopSignal { get; init; } = Signal.Terminate;

    /// <summary>What it gets from the kernel when the host dies without saying goodbye.</summary>
    public Signal OrphanSignal { get; init; } = Signal.Kill;
}

/// <summary>POSIX signals by their numbers, which are the same everywhere.</summary>
internal enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
}
