using CallMirror.Contracts.Calls;

namespace CallMirror.Capture.Streams;

/// <summary>What a payload type means in one direction of a call.</summary>
internal enum PayloadMeaning : byte
{
    /// <summary>Not negotiated, and no static type that is known.</summary>
    Unknown,
    Pcmu,
    Pcma,
    TelephoneEvent,

    /// <summary>RFC 3389: there is no audio to be had from it.</summary>
    ComfortNoise,

    /// <summary>Negotiated, but a codec that is not decoded.</summary>
    Unsupported,
}

/// <summary>
/// The payload types of one direction. The static types of G.711 (RFC 3551 §6) hold even where they were not negotiated: after a re-INVITE
/// the media changes before its answer is seen.
/// </summary>
internal sealed class PayloadMap
{
    private readonly PayloadMeaning[] _meanings = new PayloadMeaning[128];

    public PayloadMap()
    {
        _meanings[0] = PayloadMeaning.Pcmu;
        _meanings[8] = PayloadMeaning.Pcma;
        _meanings[13] = PayloadMeaning.ComfortNoise;
        _meanings[19] = PayloadMeaning.ComfortNoise;
    }

    public PayloadMeaning this[byte payloadType] => _meanings[payloadType];

    /// <summary>Takes over what was negotiated; types that are not in it keep their meaning.</summary>
    public void Apply(IReadOnlyList<PayloadFormat> formats)
    {
        foreach (var format in formats)
            if (format.PayloadType is >= 0 and < 128)
                _meanings[format.PayloadType] = MeaningOf(format);
    }

    /// <summary>A type was seen to be that of telephone events.</summary>
    public void LearnEvents(byte payloadType) => _meanings[payloadType] = PayloadMeaning.TelephoneEvent;

    private static PayloadMeaning MeaningOf(PayloadFormat format) => format.Encoding.ToUpperInvariant() switch
    {
        "PCMU" when format.ClockRate == MediaClock.Rate => PayloadMeaning.Pcmu,
        "PCMA" when format.ClockRate == MediaClock.Rate => PayloadMeaning.Pcma,
        "TELEPHONE-EVENT" => PayloadMeaning.TelephoneEvent,
        "CN" => PayloadMeaning.ComfortNoise,
        _ => PayloadMeaning.Unsupported,
    };
}
