namespace AuthPlatform.TokenApi.Requests;

/// <summary>A request of a client that has proved to be who it is.</summary>
/// <param name="Caller">The application that calls; not always the one whose tokens it asks about.</param>
/// <param name="SecretId">The secret it proved that with.</param>
/// <param name="Form">The parameters of its body.</param>
internal sealed record ClientRequest(Application Caller, Guid SecretId, FormParameters Form);
