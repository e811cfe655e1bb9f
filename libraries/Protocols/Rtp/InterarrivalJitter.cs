namespace CallMirror.Protocols.Rtp;

/// <summary>Running estimate of the interarrival jitter of one SSRC (RFC 3550 §6.4.1, A.8). A value: copy it and the copy goes on by itself.</summary>
public record struct InterarrivalJitter(int ClockRate)
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private uint _transit;
    private bool _started;

    /// <summary>The jitter in timestamp units; 0 until two packets have arrived.</summary>
    public double Value { get; private set; }

    /// <summary>Takes one packet, in the order of arrival. Only differences of <paramref name="arrivalNs"/> matter, so its origin may be anything.</summary>
    public void Update(RtpTimestamp timestamp, long arrivalNs)
    {
        uint transit = ToUnits(arrivalNs) - timestamp.Value;
        if (_started)
            Value += (Math.Abs((double)(int)(transit - _transit)) - Value) / 16;
        _transit = transit;
        _started = true;
    }

    private readonly uint ToUnits(long ns)
    {
        (long seconds, long rest) = Math.DivRem(ns, NanosecondsPerSecond);
        return (uint)(seconds * ClockRate + rest * ClockRate / NanosecondsPerSecond);
    }
}
