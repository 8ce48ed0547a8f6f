namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>An application as its developer knows it.</summary>
public sealed record TestApplication(string ClientId, string Secret);
