using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>Which of the last <see cref="Length"/> sequence numbers have been seen: tells a second copy from a packet that is late.</summary>
internal sealed class SequenceHistory
{
    /// <summary>Twenty seconds of 20 ms packets.</summary>
    public const int Length = 1024;

    private readonly ulong[] _seen = new ulong[Length / 64];

    public bool Contains(SequenceNumber number) => (_seen[Word(number)] & Bit(number)) != 0;

    public void Add(SequenceNumber number) => _seen[Word(number)] |= Bit(number);

    /// <summary>The number comes into reach anew: whatever was <see cref="Length"/> before it is forgotten.</summary>
    public void Forget(SequenceNumber number) => _seen[Word(number)] &= ~Bit(number);

    public void Clear() => _seen.AsSpan().Clear();

    private static int Word(SequenceNumber number) => number.Value % Length / 64;

    private static ulong Bit(SequenceNumber number) => 1UL << (number.Value % 64);
}
