using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Applications;

/// <summary>The signing keys of one application and how they live.</summary>
[Access(View = [AdministratorRoles.ApplicationManager, AdministratorRoles.Auditor], Owners = true, RecentToAct = true)]
internal sealed class KeysModel(AuthDbContext database, ApplicationChange change, KeyManagerClient keys, TimeProvider clock, IStringLocalizer<Texts> texts)
    : ApplicationPage(database, change)
{
    [BindProperty]
    public KeySettingsInput Input { get; set; } = new();

    /// <summary>What the form was filled from: two who edit at once do not overwrite each other.</summary>
    [BindProperty]
    public string? Shown { get; set; }

    /// <summary>Null when the Key Manager does not answer, or has no keys of it.</summary>
    public KeyTimeline? Timeline { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken) is { } settings)
        {
            (Input, Shown) = (KeySettingsInput.Of(settings), KeySettingsInput.Mark(settings));
        }
    }

    /// <summary>A public key as a file. Private ones never leave the Key Manager.</summary>
    public async Task<IActionResult> OnGetPublicAsync(string? kid, string? format, CancellationToken cancellationToken)
    {
        var (published, problem) = await keys.GetPublishedKeysAsync(Application.ClientId, cancellationToken);
        if (problem is { Status: StatusCodes.Status503ServiceUnavailable })
        {
            return StatusCode(StatusCodes.Status503ServiceUnavailable);
        }

        return published?.Keys.FirstOrDefault(k => k.Kid == kid) is not { } key ? NotFound() : format switch
        {
            "pem" => File(Encoding.ASCII.GetBytes(Pem(key)), "application/x-pem-file", $"{key.Kid}.pem"),
            "jwk" => File(JsonSerializer.SerializeToUtf8Bytes(key, KeyContractsJson.Default.PublishedKey), "application/jwk+json", $"{key.Kid}.jwk.json"),
            _ => NotFound(),
        };
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        var before = await ReadAsync(cancellationToken);
        if (before is null || Input.Read(ModelState) is not { } wanted)
        {
            return Page();
        }

        if (Shown != KeySettingsInput.Mark(before))
        {
            return ShowConflict();
        }

        // From here on it may be done: whoever hangs up must not keep it out of the audit.
        var (settings, problem) = await keys.ChangeKeySettingsAsync(Application.ClientId, wanted, CancellationToken.None);
        if (settings is null)
        {
            ModelState.AddModelError("", KeyManagerAnswers.Of(problem!, texts));
            return Page();
        }

        var changes = KeySettingsInput.Changes(before, settings);
        if (changes.Count > 0)
        {
            await Change.RecordAsync(Application, AuditKinds.ApplicationChanged, changes, CancellationToken.None);
        }

        return Done("Keys", texts["Saved."]);
    }

    private static string Pem(PublishedKey key)
    {
        using var rsa = RSA.Create(new RSAParameters { Modulus = Base64Url.DecodeFromChars(key.N), Exponent = Base64Url.DecodeFromChars(key.E) });
        return rsa.ExportSubjectPublicKeyInfoPem() + "\n";
    }

    private async Task<KeySettingsAnswer?> ReadAsync(CancellationToken cancellationToken)
    {
        var (listing, _) = await keys.ListKeysAsync(Application.ClientId, cancellationToken);
        Timeline = listing is null ? null : new KeyTimeline(listing, clock.GetUtcNow());
        return listing?.Settings;
    }
}
