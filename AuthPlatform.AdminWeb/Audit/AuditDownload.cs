using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.SignIn;
using Microsoft.AspNetCore.Http.Features;

namespace AuthPlatform.AdminWeb.Audit;

/// <summary>
/// Sends all that a search finds as a file, as it is read: a few thousand events are in memory, and no connection to the database is held while a browser is
/// slow. It ends with the session of whoever asked for it. The heading waits for the first of them: where those cannot be read, there is a page that says so.
/// </summary>
internal sealed partial class AuditDownload(AuditQuery events, AdministratorSessions sessions)
{
    private const int Batch = 5000;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.Default, Indented = false };

    public async Task WriteCsvAsync(HttpResponse response, AuditSearch search, ApplicationScope scope, CancellationToken cancellationToken)
    {
        var first = await events.ReadAsync(search, scope, null, Batch, cancellationToken);
        Begin(response, "text/csv; charset=utf-8", "csv");
        await using var writer = new StreamWriter(response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), 64 * 1024, leaveOpen: true) { NewLine = "\r\n" };
        await writer.WriteLineAsync("occurred_at,id,client_id,kind,code,session_id,unique_key,address,actor,count,details");
        await foreach (var e in GoOnAsync(first, response.HttpContext, search, scope, cancellationToken))
        {
            string?[] cells =
            [
                Time(e.OccurredAt), e.Id.ToString(), e.ClientId, e.Kind, e.Code, e.SessionId?.ToString(), e.UniqueKey, e.Address, e.Actor,
                e.Count.ToString(CultureInfo.InvariantCulture), e.Details,
            ];
            await writer.WriteLineAsync(string.Join(',', cells.Select(Cell)).AsMemory(), cancellationToken);
        }
    }

    public async Task WriteJsonAsync(HttpResponse response, AuditSearch search, ApplicationScope scope, CancellationToken cancellationToken)
    {
        var first = await events.ReadAsync(search, scope, null, Batch, cancellationToken);
        Begin(response, "application/json; charset=utf-8", "json");
        await using var writer = new Utf8JsonWriter(response.Body, Json);
        writer.WriteStartArray();
        await foreach (var e in GoOnAsync(first, response.HttpContext, search, scope, cancellationToken))
        {
            writer.WriteStartObject();
            writer.WriteString("occurred_at", Time(e.OccurredAt));
            writer.WriteString("id", e.Id);
            writer.WriteString("client_id", e.ClientId);
            writer.WriteString("kind", e.Kind);
            writer.WriteString("code", e.Code);
            writer.WriteString("session_id", e.SessionId?.ToString());
            writer.WriteString("unique_key", e.UniqueKey);
            writer.WriteString("address", e.Address);
            writer.WriteString("actor", e.Actor);
            writer.WriteNumber("count", e.Count);
            writer.WritePropertyName("details");
            writer.WriteRawValue(e.Details ?? "null");
            writer.WriteEndObject();
            if (writer.BytesPending > 64 * 1024)
            {
                await writer.FlushAsync(cancellationToken);
            }
        }

        writer.WriteEndArray();
        await writer.FlushAsync(cancellationToken);
    }

    /// <summary>
    /// What spreadsheets could take for a formula gets an apostrophe before it (OWASP, CSV injection): names, users and devices are what strangers write. It is looked
    /// for behind what separates cells, too: where a comma is the decimal sign, spreadsheets split at semicolons, and East Asian ones take wide signs.
    /// </summary>
    internal static string Cell(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var harmless = Formula().Replace(text, "$1'$2");
        return $"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    [GeneratedRegex(@"(^|[;,|\t\r\n])(\s*[=+\-@＝＋－＠\t\r\n])")]
    private static partial Regex Formula();

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static void Begin(HttpResponse response, string type, string extension)
    {
        response.ContentType = type;
        response.Headers.ContentDisposition = $"attachment; filename=\"audit.{extension}\"";
        response.Headers.CacheControl = "no-store";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private async IAsyncEnumerable<AuditRow> GoOnAsync(
        IReadOnlyList<AuditRow> rows, HttpContext context, AuditSearch search, ApplicationScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < Batch)
            {
                yield break;
            }

            if (await sessions.FindAgainAsync(context.Administrator(), cancellationToken) is null)
            {
                // Suspended meanwhile, or signed out. What is cut must not look whole.
                context.Abort();
                yield break;
            }

            rows = await events.ReadAsync(search, scope, new Cursor(rows[^1].OccurredAt, rows[^1].Id, false), Batch, cancellationToken);
        }
    }
}
