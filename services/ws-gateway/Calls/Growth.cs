namespace CallMirror.WsGateway.Calls;

/// <summary>What a running total has grown by since it was last asked.</summary>
internal struct Growth
{
    private long _asked;

    /// <summary>The growth up to <paramref name="total"/>, which counts from now on as asked.</summary>
    public long Of(long total)
    {
        long grown = total - _asked;
        _asked = total;
        return grown;
    }
}
