using System.CommandLine;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Admins;

/// <summary><c>authplatform admins list</c>.</summary>
internal static class ListAdmins
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("list", "List who may sign in to the administrators' pages, with their roles and when they last did");
        command.Run(terminal, Stores.AuthDatabase, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        var people = await invocation.AuthDatabase.Administrators
            .OrderBy(a => a.UserName)
            .Select(a => new Row(
                a.UserName,
                a.SuspendedAt != null ? "suspended" : a.PasswordHash == null ? "invited" : a.ApprovedAt == null ? "waiting" : "active",
                a.Roles,
                a.LastSignInAt,
                a.CreatedAt))
            .ToListAsync(invocation.Cancellation);
        return invocation.Show(people, output => Table.Write(
            output,
            ["USER", "STATE", "ROLES", "LAST SIGNED IN", "CREATED"],
            people.Select(a => new[]
            {
                a.UserName,
                a.State,
                Text.List(a.Roles, ifEmpty: "none"),
                a.LastSignInAt is null ? "never" : Text.Time(a.LastSignInAt),
                Text.Time(a.CreatedAt),
            })));
    }

    private sealed record Row(string UserName, string State, string[] Roles, DateTimeOffset? LastSignInAt, DateTimeOffset CreatedAt);
}
