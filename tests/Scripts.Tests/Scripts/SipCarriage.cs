namespace CallMirror.Scripts.Tests.Scripts;

/// <summary>What a call's SIP goes over.</summary>
internal enum SipOver
{
    /// <summary>A message is a datagram.</summary>
    Datagrams,

    /// <summary>Datagrams that IP cuts into fragments.</summary>
    Fragments,

    /// <summary>A connection from the one host to the other, which all calls between them share.</summary>
    Tcp,
}

/// <summary>What happens to messages on their way, in pieces: fragments of IP, or segments of TCP.</summary>
[Flags]
internal enum OnTheWay
{
    None = 0,

    /// <summary>Segments end anywhere in a message; else each message is one.</summary>
    CutAnywhere = 1,

    /// <summary>A message for which nobody waits is sent with the next, in the same segments.</summary>
    Together = 2,

    /// <summary>A piece comes again: a segment perhaps with some of what follows it.</summary>
    Again = 4,

    /// <summary>Pieces overtake each other.</summary>
    OutOfOrder = 8,

    /// <summary>All datagrams have the same IPv4 identification.</summary>
    OneIdentification = 16,

    /// <summary>Pieces are so far apart that other packets come between them.</summary>
    FarApart = 32,
}

/// <summary>How a call's SIP is carried. A message is whole at its time; pieces of it come before.</summary>
internal readonly record struct SipCarriage(SipOver Over, OnTheWay OnTheWay)
{
    /// <summary>What can happen over TCP.</summary>
    public const OnTheWay OfSegments = OnTheWay.CutAnywhere | OnTheWay.Together | OnTheWay.Again | OnTheWay.OutOfOrder | OnTheWay.FarApart;

    /// <summary>What can happen to fragments.</summary>
    public const OnTheWay OfFragments = OnTheWay.Again | OnTheWay.OutOfOrder | OnTheWay.OneIdentification | OnTheWay.FarApart;

    public bool Has(OnTheWay what) => (OnTheWay & what) != 0;

    public SipCarriage Without(OnTheWay what) => this with { OnTheWay = OnTheWay & ~what };

    /// <summary>One at random; most are datagrams.</summary>
    public static SipCarriage Roll(Dice dice)
    {
        var over = dice.Of(SipOver.Datagrams, SipOver.Datagrams, SipOver.Datagrams, SipOver.Fragments, SipOver.Tcp);
        var any = (OnTheWay)dice.Between(0, (int)(OfSegments | OfFragments));
        return over switch
        {
            SipOver.Tcp => new(over, any & OfSegments),
            SipOver.Fragments => new(over, any & OfFragments),
            _ => default,
        };
    }

    public IEnumerable<string> Features()
    {
        if (Over == SipOver.Datagrams)
            yield break;
        yield return $"SIP over {Over}";
        foreach (var each in Enum.GetValues<OnTheWay>())
            if (Has(each))
                yield return $"{Over} {each}";
    }
}
