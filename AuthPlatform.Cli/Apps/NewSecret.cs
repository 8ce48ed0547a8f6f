using System.CommandLine;
using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;

namespace AuthPlatform.Cli.Apps;

/// <summary>Where the secret of an application comes from: made here, or brought along from an older service.</summary>
internal sealed class NewSecret
{
    private readonly Option<bool> _fromInput = new("--secret-stdin")
    {
        Description = "Take the secret from standard input (32 to 128 printable ASCII characters) instead of making one",
    };

    public void AddTo(Command command) => command.Options.Add(_fromInput);

    /// <summary>The secret and whether it was made here and has to be shown; null, and said, when the one that was brought cannot be used.</summary>
    public (string Secret, bool IsNew)? Take(Invocation invocation)
    {
        if (!invocation.Arguments.GetValue(_fromInput))
        {
            return (NewCredentials.Secret(), true);
        }

        var brought = invocation.Terminal.Input.ReadLine() ?? "";
        if (NewCredentials.IsUsableSecret(brought))
        {
            return (brought, false);
        }

        invocation.Fail($"The secret on standard input must be {NewCredentials.MinimumSecretLength} to {NewCredentials.MaximumSecretLength} printable ASCII characters without spaces.");
        return null;
    }
}
