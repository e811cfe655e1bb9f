namespace CallMirror.WsGateway.Connections;

/// <summary>How a stream stands to its listener.</summary>
internal enum ConnectionState
{
    /// <summary>There is nothing to send yet, or no more.</summary>
    None = 0,

    /// <summary>TCP, TLS, the upgrade and the first answer are under way.</summary>
    Connecting,

    /// <summary>Audio goes out.</summary>
    Open,

    /// <summary>The connection was lost or not made; the next attempt comes after a while.</summary>
    Waiting,
}
