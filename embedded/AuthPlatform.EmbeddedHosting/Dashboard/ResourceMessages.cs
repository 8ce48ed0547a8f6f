using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Google.Protobuf.WellKnownTypes;
using Health = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus;

namespace Aspire.Hosting.Dashboard;

/// <summary>Tells of a resource in the dashboard's words. It masks all environment variables by itself, and properties that say they are sensitive.</summary>
internal static class ResourceMessages
{
    /// <param name="resourceEvent">The instance and what is known of it.</param>
    /// <param name="hostStarted">Stands in for the creation of resources that are not processes; the dashboard requires one and sorts by it.</param>
    public static Wire.Resource From(ResourceEvent resourceEvent, DateTimeOffset hostStarted)
    {
        var snapshot = resourceEvent.Snapshot;
        var message = new Wire.Resource
        {
            Name = resourceEvent.ResourceId,
            Uid = resourceEvent.ResourceId,
            DisplayName = resourceEvent.Resource.Name,
            ResourceType = snapshot.ResourceType,
            State = snapshot.State?.Text ?? "",
            StateStyle = snapshot.State?.Style ?? "",
            CreatedAt = Time(snapshot.CreationTimeStamp) ?? Timestamp.FromDateTimeOffset(hostStarted),
            StartedAt = Time(snapshot.StartTimeStamp),
            StoppedAt = Time(snapshot.StopTimeStamp),
        };
        message.Environment.Add(snapshot.EnvironmentVariables.Select(variable =>
            new Wire.EnvironmentVariable { Name = variable.Name, Value = variable.Value ?? "", IsFromSpec = variable.IsFromSpec }));
        message.Urls.Add(snapshot.Urls.Select(From));
        message.HealthReports.Add(snapshot.HealthReports.Select(From));
        message.Commands.Add(snapshot.Commands.Select(From));
        message.Relationships.Add(snapshot.Relationships.Select(relationship =>
            new Wire.ResourceRelationship { ResourceName = relationship.ResourceName, Type = relationship.Type }));
        message.Properties.Add(Properties(resourceEvent));
        return message;
    }

    // The details pane shows what stands here, not the message's own members.
    private static IEnumerable<Wire.ResourceProperty> Properties(ResourceEvent resourceEvent)
    {
        var snapshot = resourceEvent.Snapshot;
        yield return Property("resource.displayName", resourceEvent.Resource.Name);
        yield return Property("resource.state", snapshot.State?.Text);
        yield return Property("resource.startTime", snapshot.StartTimeStamp?.ToString("O", CultureInfo.InvariantCulture));
        yield return Property("resource.stopTime", snapshot.StopTimeStamp?.ToString("O", CultureInfo.InvariantCulture));
        yield return Property("resource.exitCode", snapshot.ExitCode);
        yield return Property("resource.healthState", snapshot.HealthStatus?.ToString());
        if (resourceEvent.Resource is IResourceWithParent { Parent: var parent })
        {
            yield return Property("resource.parentName", parent.InstanceIds()[0]);
        }

        foreach (var property in snapshot.Properties)
        {
            yield return Property(property.Name, property.Value, property.IsSensitive);
        }
    }

    private static Wire.ResourceProperty Property(string name, object? value, bool isSensitive = false) => new()
    {
        Name = name,
        IsSensitive = isSensitive,
        Value = value switch
        {
            null => Value.ForNull(),
            IEnumerable<string> values => Value.ForList([.. values.Select(Value.ForString)]),
            _ => Value.ForString(Convert.ToString(value, CultureInfo.InvariantCulture)),
        },
    };

    private static Wire.Url From(UrlSnapshot url) => new()
    {
        EndpointName = url.Name ?? "",
        FullUrl = url.Url,
        IsInactive = url.IsInactive,
        DisplayProperties = new(),
    };

    private static Wire.HealthReport From(HealthReportSnapshot report)
    {
        var message = new Wire.HealthReport
        {
            Key = report.Name,
            Description = report.Description ?? "",
            Exception = report.ExceptionText ?? "",
            // Not when it ran last: the host publishes changes only, so the page would show an ever older time.
        };
        if (report.Status is { } status)
        {
            message.Status = status == Health.Healthy ? Wire.HealthStatus.Healthy : Wire.HealthStatus.Unhealthy;
        }

        return message;
    }

    private static Wire.ResourceCommand From(ResourceCommandSnapshot command) => new()
    {
        Name = command.Name,
        DisplayName = command.DisplayName,
        IsHighlighted = command.IsHighlighted,
        IconName = command.IconName,
        State = command.State switch
        {
            ResourceCommandState.Enabled => Wire.ResourceCommandState.Enabled,
            ResourceCommandState.Disabled => Wire.ResourceCommandState.Disabled,
            _ => Wire.ResourceCommandState.Hidden,
        },
    };

    private static Timestamp? Time(DateTime? time) => time is { } known ? Timestamp.FromDateTime(known.ToUniversalTime()) : null;
}
