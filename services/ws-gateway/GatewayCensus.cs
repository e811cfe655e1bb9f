using CallMirror.WsGateway.Calls;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway;

/// <summary>What a gateway has at one moment.</summary>
internal sealed class GatewayCensus
{
    private readonly int[] _connections = new int[Enum.GetValues<ConnectionState>().Length];

    /// <summary>Lanes that are its own.</summary>
    public int Owned { get; private set; }

    /// <summary>Lanes of which it has heard nothing: another gateway owns them, or they are still empty.</summary>
    public int StandingBy { get; private set; }

    /// <summary>Streams that have begun.</summary>
    public int Streams { get; private set; }

    /// <summary>Streams that stand so to their listener.</summary>
    public int this[ConnectionState state] => _connections[(int)state];

    /// <summary>Counts a call.</summary>
    public void Add(CallSession call)
    {
        (Owned, StandingBy) = call.OwnsLane ? (Owned + 1, StandingBy) : (Owned, StandingBy + 1);
        foreach (var state in call.Connections)
        {
            Streams++;
            _connections[(int)state]++;
        }
    }
}
