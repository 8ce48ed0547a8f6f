namespace AuthPlatform.LoadGenerator;

/// <summary>What was prepared is used up: the measurement ends early.</summary>
internal sealed class NothingLeftException : Exception;
