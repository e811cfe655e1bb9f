namespace CallMirror.Capture.Synthetic;

/// <summary>An end of a made-up call: an IPv4 address and a port.</summary>
internal readonly record struct LoadAddress(uint Ip, ushort Port)
{
    /// <summary>The address alone: <c>10.1.0.1</c>.</summary>
    public string Host => $"{Ip >> 24}.{(Ip >> 16) & 0xFF}.{(Ip >> 8) & 0xFF}.{Ip & 0xFF}";

    /// <summary>The same host at another port.</summary>
    public LoadAddress At(int port) => this with { Port = (ushort)port };

    /// <inheritdoc/>
    public override string ToString() => $"{Host}:{Port}";
}
