using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;
using Microsoft.Extensions.Options;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// <c>PUT /internal/applications/{client_id}/key-settings</c>: how the keys of one application live from now on. Times that were written down before stay: a retiring
/// key leaves when it was said to.
/// </summary>
internal sealed class ChangeKeySettings(KeyStore store, KeyChangeEffects effects, IOptions<KeyOptions> options)
{
    public async Task<Problem?> HandleAsync(HttpContext context, string clientId)
    {
        if (await KeyProblems.ReadAsync(context, KeyContractsJson.Default.KeySettingsChange) is not { } wanted)
        {
            return KeyProblems.InvalidBody;
        }

        await using var change = ClientId.IsWellFormed(clientId) ? await store.BeginAsync(clientId, register: false, wait: true, context.RequestAborted) : null;
        if (change is null)
        {
            return CommonProblems.NotFound;
        }

        var application = change.Application;
        (application.KeySize, application.RotateEverySeconds) = (wanted.KeySize, wanted.RotateEverySeconds);
        (application.AnnounceSeconds, application.RetainSeconds) = (wanted.AnnounceSeconds, wanted.RetainSeconds);
        var settings = KeySettings.Of(application, options.Value);
        if (settings.Problems(options.Value.AllowUnsafeSchedule) is { Count: > 0 } problems)
        {
            return KeyProblems.Invalid(string.Join(' ', problems));
        }

        await change.SaveSettingsAsync(context.RequestAborted);
        // What follows from them is for the upkeep, which sees the change like any other.
        await effects.CommitAsync(change, KeyPlan.Nothing, KeyChangeCause.Settings, revokedKid: null, context.RequestAborted);
        await KeyProblems.WriteAsync(context, ListKeys.ToAnswer(settings), KeyContractsJson.Default.KeySettingsAnswer);
        return null;
    }
}
