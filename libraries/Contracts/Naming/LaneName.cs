namespace CallMirror.Contracts.Naming;

/// <summary>The queue that holds one call's L16 for one group of gateways: <c>callmirror.lane.&lt;group&gt;.&lt;call-id&gt;</c>.</summary>
public static class LaneName
{
    /// <summary>The queue's name.</summary>
    public static string For(string group, string callId) => $"callmirror.lane.{group}.{RoutingKey.For(callId)}";
}
