using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Applications;

/// <summary>Lets the next key of an application take over, once what hangs on the present one was shown.</summary>
[Access(View = [AdministratorRoles.ApplicationManager], Owners = true, Recent = true)]
internal sealed class RotateKeyModel(AuthDbContext database, ApplicationChange change, KeyManagerClient keys, TimeProvider clock, IStringLocalizer<Texts> texts)
    : ApplicationPage(database, change)
{
    private const int LongestIdLength = 32;

    /// <summary>Names what the form asks for: sent twice, it rotates once.</summary>
    [BindProperty]
    public string? RequestId { get; set; }

    /// <summary>The key that signed when the form was made: it withdraws no other one.</summary>
    [BindProperty]
    public string? Shown { get; set; }

    /// <summary>For how many minutes the old key stays published; empty is the application's own retention.</summary>
    [BindProperty]
    public int? KeepMinutes { get; set; }

    public IReadOnlyList<(KeyListingEntry Key, KeyReach? Reach)> Reaches { get; private set; } = [];

    protected override bool IsForChanging => true;

    public Task OnGetAsync(CancellationToken cancellationToken)
    {
        RequestId = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
        return ReadAsync(cancellationToken);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (!ModelState.IsValid || RequestId is not { Length: > 0 and <= LongestIdLength } id || KeepMinutes is < 0 or > KeyManagerContract.LongestRotateAfterMinutes)
        {
            return BadRequest();
        }

        // From here on it may be done: whoever hangs up must not keep it out of the audit.
        var request = new KeyRotationRequest(KeepMinutes, $"admin-{id}", OnlyIfRepeated: false, ActiveKid: Shown);
        var (rotation, problem) = await keys.RotateAsync(Application.ClientId, request, CancellationToken.None);
        if (rotation is null)
        {
            ModelState.AddModelError("", KeyManagerAnswers.Of(problem!, texts));
            Response.StatusCode = problem!.Status;
            await ReadAsync(cancellationToken);
            return Page();
        }

        await Change.RecordRotationAsync(Application, rotation, CancellationToken.None);
        return Done("Keys", KeyManagerAnswers.Of(rotation, isWithdrawn: KeepMinutes == 0, texts));
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var (listing, _) = await keys.ListKeysAsync(Application.ClientId, cancellationToken);
        var (now, reaches) = (clock.GetUtcNow(), new List<(KeyListingEntry Key, KeyReach? Reach)>());
        foreach (var key in (listing?.Keys ?? []).Where(k => k.State is "next" or "active" or "retiring"))
        {
            // When one cannot be counted in time, nobody waits for the others.
            var reach = reaches.Exists(r => r.Reach is null) ? null : await KeyReaches.CountAsync(Database, Application.Id, key.Kid, now, cancellationToken);
            reaches.Add((key, reach));
        }

        Reaches = reaches;
        var active = listing?.Keys.FirstOrDefault(k => k.State == "active")?.Kid;
        if (active != Shown)
        {
            // The form is about what is shown beside it, also when it was sent about something else; what was chosen for another key nobody has chosen for this one.
            ModelState.Remove(nameof(Shown));
            ModelState.Remove(nameof(KeepMinutes));
            (Shown, KeepMinutes) = (active, null);
        }
    }
}
