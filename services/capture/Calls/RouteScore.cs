using static CallMirror.Capture.Calls.AddressFit;

namespace CallMirror.Capture.Calls;

/// <summary>How surely a packet is of a role of a call, by how its two ends fit the call's parties. One row a rule.</summary>
internal static class RouteScore
{
    /// <summary>From here on both ends say so: of several calls the latest that runs is meant.</summary>
    public const int BothEnds = 80;

    /// <summary>It is not of that call.</summary>
    public const int No = 0;

    /// <summary>0 to 100.</summary>
    public static int Of(AddressFit sender, AddressFit receiver) =>
        sender >= receiver ? Ordered(sender, receiver) : Ordered(receiver, sender);

    private static int Ordered(AddressFit better, AddressFit worse) => (better, worse) switch
    {
        (Announced, Announced) => 100,
        (Announced, BehindNat) => 90,
        (BehindNat, BehindNat) => 80,
        (Announced, SameHost) => 70,            // RFC 7362 §4: a phone behind NAT sends from a port that it does not know itself
        (BehindNat, SameHost) => 60,            // both behind NAT: the announced port is left of what SDP said
        (Announced, Withdrawn) => 55,       // on its way while its party moves
        (Announced, Unknown) => 50,         // RFC 3264 §5.1: an offer without an answer
        (BehindNat, Withdrawn) => 45,
        (Withdrawn, Withdrawn or SameHost) => 40,
        (Announced, None) => 30,            // RFC 4961 is no rule: some send from elsewhere
        _ => No,
    };
}
