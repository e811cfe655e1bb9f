namespace CallMirror.Audio.G711;

/// <summary>Which of the two companding laws of ITU-T G.711 a byte follows.</summary>
public enum G711Law
{
    /// <summary>PCMA, RTP payload type 8.</summary>
    ALaw,

    /// <summary>PCMU, RTP payload type 0.</summary>
    MuLaw,
}
