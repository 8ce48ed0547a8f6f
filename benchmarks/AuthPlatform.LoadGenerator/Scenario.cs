namespace AuthPlatform.LoadGenerator;

/// <summary>What the clients do. Each lane does one thing at a time and has its own state.</summary>
/// <param name="Name">As given on the command line.</param>
/// <param name="PrepareAsync">Makes what the lanes need before anything is measured, and gives what one operation of a lane is.</param>
/// <param name="ItemsPerOperation">Tokens that one operation is about.</param>
/// <param name="IsAtGatewayOnly">Whether a Token API has no such endpoint.</param>
/// <param name="HasAftermath">Whether a good part of the work is done after the answer.</param>
internal sealed record Scenario(
    string Name,
    Func<SigningClient, int, CancellationToken, Task<Func<int, CancellationToken, Task<Answer>>>> PrepareAsync,
    int ItemsPerOperation = 1,
    bool IsAtGatewayOnly = false,
    bool HasAftermath = false);
