using System.Net;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Audit;

/// <summary>What refusals that are counted together have in common.</summary>
/// <param name="ApplicationId">The application that the requests named, proved or not; null when there is no such one.</param>
/// <param name="ClientId">Its client id.</param>
/// <param name="Endpoint">One of the names of <see cref="SignedEndpoint"/>.</param>
/// <param name="Code">The code of the answer.</param>
/// <param name="Address">Where they came from.</param>
internal readonly record struct Rejection(Guid? ApplicationId, string? ClientId, string Endpoint, string Code, IPAddress? Address);
