namespace AuthPlatform.Gateway.Forwarding;

/// <summary>The connection ended before all of a request was sent: it was not carried out.</summary>
internal sealed class NotSentException(IOException? cause) : IOException("The connection to the replica ended before the request was sent.", cause);
