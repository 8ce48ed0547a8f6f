using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using AuthPlatform.Contracts;

namespace AuthPlatform.MigrationWorker.Roles;

/// <summary>
/// The passwords by which services sign in to their databases, section <c>DatabaseRoles</c>: <c>TokenApi:0</c> is that of the role <c>authdb_token_api_0</c>. Without any,
/// no role is made, changed or dropped. The messages never quote a password.
/// </summary>
internal sealed partial class DatabaseRoleOptions : IValidatableObject
{
    public const string Section = "DatabaseRoles";

    /// <summary>Passwords of the Token API, by the number of the role.</summary>
    public Dictionary<int, string> TokenApi { get; } = [];

    /// <summary>The same of Admin Web.</summary>
    public Dictionary<int, string> AdminWeb { get; } = [];

    /// <summary>The same of the Key Manager.</summary>
    public Dictionary<int, string> KeyManager { get; } = [];

    public bool IsSet => All.Any(service => service.Passwords.Count > 0);

    private (string Setting, Dictionary<int, string> Passwords)[] All => [(nameof(TokenApi), TokenApi), (nameof(AdminWeb), AdminWeb), (nameof(KeyManager), KeyManager)];

    public IReadOnlyDictionary<int, string> Of(string service) => service switch
    {
        ResourceNames.TokenApi => TokenApi,
        ResourceNames.AdminWeb => AdminWeb,
        ResourceNames.KeyManager => KeyManager,
        _ => throw new ArgumentOutOfRangeException(nameof(service), service, "It has no role."),
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (setting, passwords) in All)
        {
            if (IsSet && passwords.Count == 0)
            {
                yield return new ValidationResult($"{Section}__{setting}__0 is missing: either each service has a role of its own, or none.");
            }

            foreach (var (number, _) in passwords.Where(p => p.Key < 0 || !PasswordPattern().IsMatch(p.Value)))
            {
                yield return new ValidationResult($"{Section}__{setting}__{number} must be 32 to 128 letters, digits, '_' or '-'.");
            }
        }
    }

    /// <summary>Nothing that would need quotes in a connection string.</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9_-]{32,128}\z")]
    private static partial Regex PasswordPattern();
}
