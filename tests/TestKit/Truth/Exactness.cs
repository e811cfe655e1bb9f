namespace CallMirror.TestKit.Truth;

/// <summary>Holds audio against the packets it was made of.</summary>
public static class Exactness
{
    private const double SilenceToleranceMs = 60;

    /// <summary>
    /// Null where <paramref name="audio"/> (8 kHz) is exactly the stream: every sample of every packet in order and once, and nothing else but
    /// silence between them, each silence as long as it was heard, to 60 ms; otherwise what is wrong.
    /// </summary>
    public static string? Fault(TrueStream truth, ReadOnlySpan<short> audio)
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
            if (i > 0 && silence > 0 && SilenceFault(truth.Packets[i - 1], packet, silence) is { } fault)
                return $"before packet {i}: {fault}";
            at += silence + packet.Samples.Length;
        }

        return audio[at..].ContainsAnyExcept((short)0) ? $"there is more than the stream after sample {at}" : null;
    }

    private static string? SilenceFault(TruePacket before, TruePacket after, int silence)
    {
        double heardMs = (after.TimeNs - before.TimeNs) / 1e6 - before.Samples.Length / 8.0;
        double silenceMs = silence / 8.0;
        return Math.Abs(silenceMs - heardMs) > SilenceToleranceMs ? $"{silenceMs} ms of silence where {heardMs:0.0} ms were heard" : null;
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
