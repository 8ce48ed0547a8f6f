using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Makes a random value of exactly <see cref="MinLength"/> letters and digits.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    private const string LettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    public required int MinLength { get; set; }

    /// <summary>Aspire's takes special characters too, unless this is false; there are none here.</summary>
    public bool Special { get; set; }

    public override string GetDefaultValue() => RandomNumberGenerator.GetString(LettersAndDigits, MinLength);
}
