using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.Data.Admin;
using Npgsql;

namespace AuthPlatform.Benchmarks;

/// <summary>Whether every list of the administrators' pages answers in time at any page, with a thousand applications, a million sessions and five million events.</summary>
internal static partial class AdminListsBenchmark
{
    private const int LimitMilliseconds = 150;
    private const int Repeats = 5;

    /// <summary>Each page of these shows as many rows as pages can. Some find nothing: that is what a search looks longest for.</summary>
    private static readonly string[] Lists =
    [
        "/", "/users?", "/sessions/end?app=app-1", "/sessions/end?device=phone",
        "/applications?", "/applications?q=99", "/applications?q=nothing", "/applications?state=disabled", "/applications?owner=owner-100", "/applications?state=enabled&from=2020-01-01&to=2040-01-01",
        "/sessions?", "/sessions?app=app-1", "/sessions?app=app-501", "/sessions?app=app-1&key=old-app-1", "/sessions?app=app-501&key=new-app-501", "/sessions?user=user-77", "/sessions?user=nobody",
        "/sessions?device=device+7", "/sessions?device=phone", "/sessions?device=none", "/sessions?ip=203.0.7.7", "/sessions?ip=192.0.2.1", "/sessions?app=app-1&device=phone",
        "/sessions?app=app-501&device=phone", "/sessions?app=app-1&user=user-78", "/sessions?device=phone&ip=203.0.9.9", "/sessions?app=app-501&ip=203.0.9.9", "/sessions?user=user-78&device=phone",
        "/audit?", "/audit?app=app-1", "/audit?app=app-501", "/audit?kind=issued", "/audit?kind=rejected", "/audit?kind=key_revoked", "/audit?kind=owner_added", "/audit?actor=admin-3",
        "/audit?actor=nobody", "/audit?address=198.51.100.1", "/audit?address=198.51.100.7", "/audit?address=192.0.2.1", "/audit?user=user-77", "/audit?user=nobody",
        "/audit?session=c4ca4238-a0b9-2382-0dcc-509a6f75849b", "/audit?session=00000000-0000-0000-0000-000000000001", "/audit?kind=rejected&address=198.51.100.1", "/audit?kind=rejected&address=198.51.100.7",
        "/audit?kind=issued&user=user-77", "/audit?kind=application_changed&actor=admin-3", "/audit?kind=key_revoked&app=app-1", "/audit?kind=key_revoked&app=app-501", "/audit?kind=owner_added&app=app-1",
        "/audit?kind=rejected&app=app-501", "/audit?app=app-1&address=198.51.100.7", "/audit?app=app-501&address=198.51.100.1", "/audit?app=app-1&address=192.0.2.1", "/audit?app=app-1&actor=admin-3",
        "/audit?app=app-1&kind=rejected&address=198.51.100.1", "/audit?app=app-1&user=user-78", "/audit?{week}", "/audit?kind=rejected&{week}", "/audit?kind=owner_added&{week}", "/audit?app=app-501&{week}",
    ];

    public static Command Command()
    {
        var rows = new Option<int>("--sessions") { Description = "Sessions; there are five times as many events", DefaultValueFactory = _ => 1_000_000 };
        var command = new Command("admin-lists", "Every list of the administrators' pages, first, second, middle and last page, with a million sessions and five million events") { rows };
        command.SetAction((arguments, cancellationToken) => RunAsync(arguments.GetValue(rows), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int rows, CancellationToken cancellationToken)
    {
        await using var platform = await Platform.StartAsync(cancellationToken);
        await using var database = NpgsqlDataSource.Create(await platform.AuthDatabaseAsync(cancellationToken));
        Console.WriteLine($"making {rows} sessions and {rows * 5L} events …");
        var began = Stopwatch.GetTimestamp();
        await AdminData.MakeAsync(database, rows, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"made in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s"));
        Console.WriteLine("| who | list | first | second | middle | last | whole tables read |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        var plans = new AdminPlans(database);
        var (worst, isRead) = (0.0, false);
        foreach (var (name, numbers) in new (string, int[]?)[] { ("administrator", null), ("owner-1", [501]), ("owner-100", [1, .. Enumerable.Range(401, 99)]), ("owner-1000", [.. Enumerable.Range(1, 1000)]) })
        {
            var owned = numbers is null ? null : await IdsAsync(database, numbers, cancellationToken);
            using var visitor = await Administrator.SignInAsync(platform, name, owned is null ? [AdministratorRoles.Administrator] : [], owned ?? [], cancellationToken);
            foreach (var list in Lists.Where(l => owned is null || !l.StartsWith("/users", StringComparison.Ordinal)))
            {
                var (times, whole) = await MeasureAsync(visitor, plans, list, owned, cancellationToken);
                worst = Math.Max(worst, times.Max() ?? 0);
                isRead |= whole.Length > 0;
                Console.WriteLine($"| {name} | `{list}` | {string.Join(" | ", times.Select(t => t is { } ms ? ms.ToString("0.0", CultureInfo.InvariantCulture) + (ms >= LimitMilliseconds ? " **slow**" : "") : "–"))} | {whole} |");
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"slowest: {worst:0.0} ms, limit {LimitMilliseconds} ms; {(isRead ? "whole big tables are read" : "no big table is read as a whole")}"));
        return worst < LimitMilliseconds && !isRead ? 0 : 1;
    }

    /// <summary>The medians of the first, the second, a middle and the last page; null for pages that there are not.</summary>
    private static async Task<(double?[] Times, string Whole)> MeasureAsync(Administrator visitor, AdminPlans plans, string list, Guid[]? owned, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var first = list.Replace("{week}", $"from={now - TimeSpan.FromDays(80):yyyy-MM-dd'T'HH:mm}&to={now - TimeSpan.FromDays(73):yyyy-MM-dd'T'HH:mm}", StringComparison.Ordinal);
        first += list.Contains('?', StringComparison.Ordinal) ? "&size=100" : "";
        var (time, html) = await TimeAsync(visitor, first, cancellationToken);
        var second = Next().Match(html) is { Success: true } next ? WebUtility.HtmlDecode(next.Groups[1].Value)["/admin".Length..] : null;
        var middle = now - (AdminData.Span / 2);
        string?[] others = (second, list.StartsWith("/applications", StringComparison.Ordinal)) switch
        {
            (null, _) => [null, null, null],
            (_, true) => [second, first + "&page=5", first + "&page=999999"],
            _ => [second, first + "&at=" + new Cursor(middle, Guid.CreateVersion7(middle), false), first + "&at=" + new Cursor(DateTimeOffset.UnixEpoch, Guid.Empty, true)],
        };
        var (times, whole) = (new List<double?> { time }, new HashSet<string> { await plans.ReadWholeAsync(first, owned, cancellationToken) });
        foreach (var other in others)
        {
            times.Add(other is null ? null : (await TimeAsync(visitor, other, cancellationToken)).Milliseconds);
            whole.Add(other is null ? "" : await plans.ReadWholeAsync(other, owned, cancellationToken));
        }

        return ([.. times], string.Join(' ', whole.Where(w => w.Length > 0)));
    }

    private static async Task<(double Milliseconds, string Html)> TimeAsync(Administrator visitor, string path, CancellationToken cancellationToken)
    {
        var (times, html) = (new List<double>(), "");
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            var began = Stopwatch.GetTimestamp();
            html = await visitor.GetAsync("/admin" + path, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return (times.Order().ElementAt(Repeats / 2), html);
    }

    private static async Task<Guid[]> IdsAsync(NpgsqlDataSource database, int[] numbers, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT array_agg(id) FROM benchmark_apps WHERE nr = ANY($1)");
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = numbers });
        return (Guid[])(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    [GeneratedRegex("rel=\"next\" href=\"([^\"]+)")]
    private static partial Regex Next();
}
