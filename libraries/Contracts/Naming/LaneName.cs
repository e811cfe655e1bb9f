using System.Security.Cryptography;
using System.Text;

namespace CallMirror.Contracts.Naming;

/// <summary>
/// The queue that holds one call's L16 for one group of gateways: <c>callmirror.lane.&lt;group&gt;.&lt;call-id&gt;.&lt;epoch&gt;</c>, the epoch in nanoseconds since
/// the Unix epoch. The next call of the same Call-ID has a lane of its own.
/// </summary>
public static class LaneName
{
    // AMQP short strings end at 255 bytes: the rest is for the prefix, the longest group, the longest epoch and the dots.
    private const int MaxCallIdBytes = 184;

    /// <summary>The queue's name.</summary>
    public static string For(string group, in CallKey call) => $"callmirror.lane.{group}.{Short(RoutingKey.For(call.CallId))}.{call.EpochNs}";

    private static string Short(string key) =>
        Encoding.UTF8.GetByteCount(key) <= MaxCallIdBytes ? key : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
