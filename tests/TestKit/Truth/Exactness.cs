namespace CallMirror.TestKit.Truth;

/// <summary>Holds audio against the packets it was made of.</summary>
public static class Exactness
{
    private const double SilenceToleranceMs = 60;

    /// <summary>
    /// Null where <paramref name="audio"/> (8 kHz) is exactly the stream: every sample of every packet in order and once, and nothing else but
    /// silence between them, as long as it was heard or until the next packet was heard, to 60 ms or what is said; otherwise what is wrong.
    /// </summary>
    public static string? Fault(TrueStream truth, ReadOnlySpan<short> audio, double toleranceMs = SilenceToleranceMs)
    {
        int at = 0;
        for (int i = 0; i < truth.Packets.Count; i++)
        {
            var packet = truth.Packets[i];
            int silence = LeadingSilence(audio[at..], packet.Samples);
            if (silence < 0)
                return $"packet {i} (sequence {packet.Sequence}) of {truth.Source} is not at sample {at}, nor after silence there";
            if (i == 0 && silence != 0)
                return "the audio begins with silence";
            if (i > 0 && silence > 0 && SilenceFault(truth.Packets, i, at, silence, toleranceMs) is { } fault)
                return $"before packet {i}: {fault}";
            at += silence + packet.Samples.Length;
        }

        return audio[at..].ContainsAnyExcept((short)0) ? $"there is more than the stream after sample {at}" : null;
    }

    private static string? SilenceFault(IReadOnlyList<TruePacket> packets, int i, int at, int silence, double toleranceMs)
    {
        double pauseMs = (packets[i].TimeNs - packets[i - 1].TimeNs) / 1e6 - packets[i - 1].Samples.Length / 8.0;
        double heardMs = (packets[i].TimeNs - packets[0].TimeNs) / 1e6;
        bool lengthIsRight = Math.Abs(silence / 8.0 - pauseMs) <= toleranceMs;
        bool placeIsRight = Math.Abs((at + silence) / 8.0 - heardMs) <= toleranceMs;
        return lengthIsRight || placeIsRight
            ? null
            : $"{silence / 8.0} ms of silence after a pause of {pauseMs:0.0} ms; it is placed at {(at + silence) / 8.0} ms and was heard at {heardMs:0.0} ms";
    }

    private static int LeadingSilence(ReadOnlySpan<short> audio, ReadOnlySpan<short> samples)
    {
        for (int silence = 0; audio.Length - silence >= samples.Length; silence++)
        {
            if (audio.Slice(silence, samples.Length).SequenceEqual(samples))
                return silence;
            if (audio[silence] != 0)
                return -1;
        }

        return -1;
    }
}
