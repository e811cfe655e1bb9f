namespace CallMirror.Contracts.Naming;

/// <summary>The queue of one that listens in on a call: <c>callmirror.tap.&lt;call-id&gt;.&lt;number&gt;</c>.</summary>
public static class TapName
{
    /// <summary>A name that nobody else has.</summary>
    public static string New(string callId) => $"callmirror.tap.{RoutingKey.For(callId)}.{Guid.NewGuid():N}";
}
