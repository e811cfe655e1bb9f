namespace CallMirror.Contracts.Naming;

/// <summary>What a listener may say in its answer to the upgrade, beyond RFC 6455.</summary>
public static class ListenerHeader
{
    /// <summary>
    /// With any value: the listener answers each <c>start</c> with an <c>ack</c>, and goes on telling what it has stored. Whoever sends need not guess that by waiting for the first.
    /// </summary>
    public const string Acknowledges = "CallMirror-Acknowledges";
}
