namespace AuthPlatform.Contracts;

/// <summary>A payload that the Key Manager is to sign.</summary>
/// <param name="ClientId">The application whose active key signs, a well-formed client id.</param>
/// <param name="Type">The <c>typ</c> of the token's header, one of those in <see cref="KeyManagerContract"/>.</param>
/// <param name="Payload">A JSON object of at most <see cref="KeyManagerContract.MaxPayloadLength"/> bytes of UTF-8.</param>
public sealed record SigningRequest(string ClientId, string Type, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Without the payload, which says who the user is.</summary>
    public override string ToString() => $"{nameof(SigningRequest)} {{ {nameof(ClientId)} = {ClientId}, {nameof(Type)} = {Type} }}";
}
