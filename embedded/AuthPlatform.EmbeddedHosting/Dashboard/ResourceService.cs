using Aspire.Hosting.ApplicationModel;
using Grpc.Core;

namespace Aspire.Hosting.Dashboard;

/// <summary>Answers the dashboard's questions about resources. A call that watches ends when the dashboard goes.</summary>
internal sealed class ResourceService(
    string applicationName,
    DateTimeOffset hostStarted,
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    ResourceCommandService commands) : Wire.DashboardService.DashboardServiceBase
{
    public override Task<Wire.ApplicationInformationResponse> GetApplicationInformation(
        Wire.ApplicationInformationRequest request, ServerCallContext context) =>
        Task.FromResult(new Wire.ApplicationInformationResponse { ApplicationName = applicationName.Replace(".AppHost", "", StringComparison.Ordinal) });

    public override async Task WatchResources(
        Wire.WatchResourcesRequest request, IServerStreamWriter<Wire.WatchResourcesUpdate> updates, ServerCallContext context)
    {
        // The first message must be the initial data; it is empty because what exists already comes first among the changes.
        await updates.WriteAsync(new() { InitialData = new() }, context.CancellationToken);
        await foreach (var resourceEvent in notifications.WatchAsync(context.CancellationToken))
        {
            var change = new Wire.WatchResourcesChange { Upsert = ResourceMessages.From(resourceEvent, hostStarted) };
            await updates.WriteAsync(new() { Changes = new() { Value = { change } } }, context.CancellationToken);
        }
    }

    public override async Task WatchResourceConsoleLogs(
        Wire.WatchResourceConsoleLogsRequest request, IServerStreamWriter<Wire.WatchResourceConsoleLogsUpdate> updates, ServerCallContext context)
    {
        var batches = request.SuppressFollow ? logs.GetAllAsync(request.ResourceName) : logs.WatchAsync(request.ResourceName);
        await foreach (var batch in batches.WithCancellation(context.CancellationToken))
        {
            // A message may hold 4 MB; a service may write lines of any length.
            foreach (var lines in batch.Chunk(100))
            {
                var update = new Wire.WatchResourceConsoleLogsUpdate();
                update.LogLines.Add(lines.Select(line =>
                    new Wire.ConsoleLogLine { Text = line.Content, LineNumber = line.LineNumber, IsStdErr = line.IsErrorMessage }));
                await updates.WriteAsync(update, context.CancellationToken);
            }
        }
    }

    public override async Task<Wire.ResourceCommandResponse> ExecuteResourceCommand(Wire.ResourceCommandRequest request, ServerCallContext context)
    {
        // Not the call's token: a page that is closed must not leave a service stopped that was to be restarted.
        var result = await commands.ExecuteCommandAsync(request.ResourceName, request.CommandName, CancellationToken.None);
        return result.Success
            ? new() { Kind = Wire.ResourceCommandResponseKind.Succeeded }
            : new() { Kind = Wire.ResourceCommandResponseKind.Failed, ErrorMessage = result.Message ?? "" };
    }

    /// <summary>This host asks its user nothing, but the page stays at "Loading" until the stream is open.</summary>
    public override async Task WatchInteractions(
        IAsyncStreamReader<Wire.WatchInteractionsRequestUpdate> requests,
        IServerStreamWriter<Wire.WatchInteractionsResponseUpdate> updates,
        ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync([]);
        await Task.Delay(Timeout.Infinite, context.CancellationToken);
    }
}
