using System.Collections.Immutable;
using Aspire.Hosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Starts, stops and restarts resources on request of the dashboard or a test.</summary>
public class ResourceCommandService
{
    private readonly Orchestrator _orchestrator;
    private readonly ResourceNotificationService _notifications;

    internal ResourceCommandService(Orchestrator orchestrator, ResourceNotificationService notifications) =>
        (_orchestrator, _notifications) = (orchestrator, notifications);

    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        if (!_notifications.TryGetCurrentState(resourceId, out var current))
        {
            return new ExecuteCommandResult { Success = false, Message = $"Resource '{resourceId}' not found." };
        }

        try
        {
            await _orchestrator.ExecuteAsync(current.ResourceId, commandName, cancellationToken);
            return new ExecuteCommandResult { Success = true };
        }
        catch (DistributedApplicationException exception)
        {
            return new ExecuteCommandResult { Success = false, Message = exception.Message };
        }
    }
}

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    public string? Message { get; init; }
}

/// <summary>Which of start, stop and restart make sense in a state; those that do not are hidden.</summary>
internal static class LifecycleCommands
{
    public static ImmutableArray<ResourceCommandSnapshot> For(IResource resource, string? state)
    {
        if (!resource.IsProcess())
        {
            return [];
        }

        var stopped = state == KnownResourceStates.NotStarted || KnownResourceStates.TerminalStates.Contains(state);
        var running = state == KnownResourceStates.Running;
        return
        [
            Command(KnownResourceCommands.StartCommand, "Start", "Play", stopped ? ResourceCommandState.Enabled : ResourceCommandState.Hidden),
            Command(KnownResourceCommands.StopCommand, "Stop", "Stop", stopped ? ResourceCommandState.Hidden : running ? ResourceCommandState.Enabled : ResourceCommandState.Disabled),
            Command(KnownResourceCommands.RestartCommand, "Restart", "ArrowCounterclockwise", stopped ? ResourceCommandState.Hidden : running ? ResourceCommandState.Enabled : ResourceCommandState.Disabled),
        ];
    }

    private static ResourceCommandSnapshot Command(string name, string displayName, string icon, ResourceCommandState state) =>
        new(name, state, displayName, icon, name != KnownResourceCommands.RestartCommand);
}
