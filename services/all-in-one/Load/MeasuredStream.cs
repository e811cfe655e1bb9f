using System.Runtime.InteropServices;
using CallMirror.Audio.G711;
using CallMirror.Capture.Synthetic;
using CallMirror.Contracts.Naming;

namespace CallMirror.AllInOne.Load;

/// <summary>
/// One stream as the listener hears it, compared with what was said: every second sample of the 16 kHz is one that was said, whatever the resampler does.
/// One connection at a time writes it. Samples are counted at 16 kHz.
/// </summary>
internal sealed class MeasuredStream(LoadTally tally, int call, int role)
{
    /// <summary>Samples a second that it can measure.</summary>
    public const int SampleRate = 2 * LoadVoice.SamplesPerPacket * LoadCall.PacketsPerSecond;

    private const long NanosecondsPerTick = 100;

    private readonly long _first = 2 * LoadCall.FirstPosition(role);
    private long _epochNs;
    private bool _begun;
    private bool _ended;

    public int Call => call;

    /// <summary>The call's name, once it has begun.</summary>
    public CallKey Key => new(LoadCall.IdOf(call), _epochNs);

    /// <summary>Everything before this position is here.</summary>
    public long Stored { get; private set; } = -1;

    /// <summary>Samples received, none twice.</summary>
    public long Samples { get; private set; }

    /// <summary>Samples that are silence where something was said, or that were passed over.</summary>
    public long Lost { get; private set; }

    /// <summary>Samples that are others than were said.</summary>
    public long Different { get; private set; }

    public bool IsOpen => _begun && !_ended;

    public bool HasEnded => _ended;

    private long End => _first + (2 * tally.Plan.StreamSamples);

    /// <summary>A connection begins, or goes on with the stream; returns up to where it is stored.</summary>
    /// <param name="position">Of the connection's first sample.</param>
    /// <param name="epochNs">When position 0 was, in nanoseconds since the Unix epoch.</param>
    public long Begin(long position, long epochNs)
    {
        if (_begun)
            return Stored;
        (_begun, _epochNs, Stored) = (true, epochNs, position);
        Lost += Math.Clamp(position - _first, 0, End - _first);
        tally.StreamBegan();
        return Stored;
    }

    /// <summary>Takes a frame of L16 at its position; what is here already is passed over.</summary>
    public void Take(long position, ReadOnlySpan<byte> audio, long nowNs)
    {
        var samples = MemoryMarshal.Cast<byte, short>(audio);
        long end = position + samples.Length;
        if (end <= Stored || samples.IsEmpty)
            return;
        if (position > Stored)
            Lost += position - Stored;
        else
            samples = samples[(int)(Stored - position)..];
        Compare(end - samples.Length, samples);
        tally.Record(nowNs - ArrivalOf(end - 1), isFirst: Samples == 0);
        Samples += samples.Length;
        Stored = end;
    }

    /// <summary>The stream is over; told again, it means nothing.</summary>
    public void Finish()
    {
        if (_ended)
            return;
        Miss();
        tally.StreamEnded();
    }

    /// <summary>Whatever has not come yet is lost.</summary>
    public void Miss()
    {
        _ended = true;
        Lost += Math.Max(0, End - Math.Max(Stored, _first));
    }

    /// <summary>Nobody waits for the rest any more, which does not count as lost.</summary>
    public void Leave() => _ended = true;

    // When the packet came that holds the sample at a position.
    private long ArrivalOf(long position) =>
        _epochNs + (LoadCall.ArrivalOf(role, Math.Max(0, position - _first) / 2 / LoadVoice.SamplesPerPacket).Ticks * NanosecondsPerTick);

    private void Compare(long position, ReadOnlySpan<short> samples)
    {
        int even = (int)(position & 1);
        while (even < samples.Length)
        {
            long said = (position + even - _first) / 2;
            int within = (int)(said % LoadVoice.SamplesPerPacket);
            int count = Math.Min(LoadVoice.SamplesPerPacket - within, (samples.Length - even + 1) / 2);
            if (said < 0 || said >= tally.Plan.StreamSamples)
                Different += 2 * count;
            else
                Compare(LoadVoice.Packet(call, role, said / LoadVoice.SamplesPerPacket).Slice(within, count), samples[even..]);
            even += 2 * count;
        }
    }

    // A-law has no zero: that is silence of the gateway's.
    private void Compare(ReadOnlySpan<byte> said, ReadOnlySpan<short> heard)
    {
        for (int i = 0; i < said.Length; i++)
        {
            short sample = heard[2 * i];
            if (sample == ALaw.Decode(said[i]))
                continue;
            if (sample == 0)
                Lost += 2;
            else
                Different += 2;
        }
    }
}
