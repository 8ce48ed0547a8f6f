using System.CommandLine;
using System.Security.Cryptography;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AuthPlatform.Cli.Admins;

/// <summary><c>authplatform admins reset</c>: what the administrators' pages do for somebody who lost their password or phone, for when nobody is left who could do it there.</summary>
internal static class ResetAdmin
{
    private static readonly Argument<string> UserName = new("user_name") { Description = "Who, as 'admins list' names them" };
    private static readonly Option<string?> PublicUrl = new("--public-url")
    {
        Description = "The public address of the platform, where the link leads, such as https://auth.example.com; without this Admin__PublicUrl of the settings",
        HelpName = "address",
    };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("reset", "Take somebody's password, second factors and passkeys away, end their sessions, and print a link by which they set up new ones")
        {
            UserName, PublicUrl, GlobalOptions.Yes,
        };
        command.Run(terminal, Stores.AuthDatabase, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        var given = invocation.Arguments.GetValue(PublicUrl) ?? invocation.Services.GetRequiredService<IConfiguration>()["Admin:PublicUrl"];
        if (!Uri.TryCreate(given, UriKind.Absolute, out var publicUrl) || publicUrl.Scheme is not ("http" or "https") || publicUrl.PathAndQuery != "/")
        {
            return invocation.WrongUsage(["Say where the link leads, by --public-url or Admin__PublicUrl: the public address of the platform without path, such as https://auth.example.com."]);
        }

        var userName = invocation.Arguments.GetRequiredValue(UserName);
        var normalized = userName.ToUpperInvariant();
        if (await invocation.AuthDatabase.Administrators.SingleOrDefaultAsync(a => a.NormalizedUserName == normalized, invocation.Cancellation) is not { } person)
        {
            return invocation.Fail($"There is nobody called '{userName}'. 'authplatform admins list' shows all.");
        }

        if (invocation.Confirm($"Password, second factors and passkeys of '{person.UserName}' are taken away, and their sessions end. Whoever uses the new link comes in as them.") is { } exitCode)
        {
            return exitCode;
        }

        var token = await ResetAsync(invocation, person);
        if (person.SuspendedAt is not null)
        {
            invocation.Warn($"'{person.UserName}' is suspended: until somebody resumes them on the administrators' pages, they cannot sign in.");
        }

        var link = SetupLink.Address(publicUrl.GetLeftPart(UriPartial.Authority), token);
        return invocation.Show(new { person.UserName, Link = link, ExpiresAt = invocation.Now + SetupLink.Lifetime }, output =>
        {
            output.WriteLine(link);
            output.WriteLine();
            output.WriteLine("The link is shown this once and works once, within 24 hours. Nobody has to approve who uses it: hand it to the right person.");
        });
    }

    /// <summary>All of it in one transaction, with its events for the audit. Whoever does this has decided who it is for: there may be nobody to approve it afterwards.</summary>
    private static async Task<string> ResetAsync(Invocation invocation, Administrator person)
    {
        var (database, now) = (invocation.AuthDatabase, invocation.Now);
        AdministratorReset.Clear(person);
        person.SecurityStamp = Convert.ToHexString(RandomNumberGenerator.GetBytes(20));
        person.ApprovedAt = now;
        foreach (var kind in (string[])[AuditKinds.UserFactorReset, AuditKinds.UserApproved])
        {
            database.AuditEvents.Add(AuditTrail.Event(kind, invocation.Actor, now, details: new { User = person.UserName }));
        }

        await using var transaction = await database.Database.BeginTransactionAsync(invocation.Cancellation);
        await database.SaveChangesAsync(invocation.Cancellation);
        await AdministratorReset.ClearOthersAsync(database, person.Id, invocation.Cancellation);
        var token = await SetupLink.ReplaceAsync(database, person.Id, now, invocation.Cancellation);
        await transaction.CommitAsync(invocation.Cancellation);
        return token;
    }
}
