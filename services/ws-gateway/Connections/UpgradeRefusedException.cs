namespace CallMirror.WsGateway.Connections;

/// <summary>The listener has answered the upgrade with another status than 101, or a proxy has not let it be reached (RFC 9110 §15).</summary>
/// <param name="status">What it answered.</param>
/// <param name="location">Where it sends the client; null where nowhere.</param>
/// <param name="message">A few words for the user.</param>
internal sealed class UpgradeRefusedException(int status, string? location, string message) : IOException(message)
{
    /// <summary>Where a redirection sends the client (RFC 9110 §15.4); null where it is none.</summary>
    public string? Redirection => status is 301 or 302 or 303 or 307 or 308 ? location : null;

    /// <summary>It will answer the same again until somebody changes something: the request is wrong, or not allowed.</summary>
    public bool IsLasting => status is (>= 300 and < 500) and not (408 or 425 or 429);
}
