using CallMirror.Audio.G711;

namespace CallMirror.Capture.Synthetic;

/// <summary>
/// What is said in made-up calls: sixteen seconds of syllables and pauses, the same in every process, which each stream begins at a place of its own.
/// No two packets are alike, so what is lost, doubled or misplaced is heard.
/// </summary>
public static class LoadVoice
{
    /// <summary>Samples, and bytes, in a packet.</summary>
    public const int SamplesPerPacket = 160;

    internal const int SamplesPerMillisecond = 8;

    private const int Packets = 800;
    private const int Rate = 8000;

    // Prime to the number of packets: 400 calls go by before two streams say the same.
    private const int PlaceStep = 37;
    private const int Harmonics = 6;
    private const double Loudness = 9000;
    private const double Hiss = 60;

    private static readonly byte[] Codes = Synthesise();

    /// <summary>The A-law codes of a packet.</summary>
    public static ReadOnlySpan<byte> Packet(int call, int role, long packet) =>
        Codes.AsSpan((int)((PlaceOf(call, role) + packet) % Packets) * SamplesPerPacket, SamplesPerPacket);

    private static long PlaceOf(int call, int role) => ((call * 2L) + role) * PlaceStep;

    private static byte[] Synthesise()
    {
        byte[] codes = new byte[Packets * SamplesPerPacket];
        var noise = new Noise();
        int at = 0;
        while (at < codes.Length)
        {
            int length = Math.Min(codes.Length - at, (int)((0.12 + (0.13 * noise.Unit())) * Rate));
            Syllable(codes.AsSpan(at, length), noise, isPause: noise.Unit() < 0.3);
            at += length;
        }

        return codes;
    }

    // A tone of a voice's pitch and its harmonics, swelling and fading, over the hiss of the line.
    private static void Syllable(Span<byte> codes, Noise noise, bool isPause)
    {
        double pitch = 90 + (130 * noise.Unit());
        double loudness = isPause ? 0 : Loudness * (0.3 + (0.7 * noise.Unit()));
        for (int i = 0; i < codes.Length; i++)
        {
            double tone = 0;
            for (int harmonic = 1; harmonic <= Harmonics; harmonic++)
                tone += Math.Sin(2 * Math.PI * pitch * harmonic * i / Rate) / (harmonic + 1);
            double swell = Math.Sin(Math.PI * i / codes.Length);
            codes[i] = ALaw.Encode((short)((loudness * swell * tone) + (Hiss * ((2 * noise.Unit()) - 1))));
        }
    }

    /// <summary>A linear congruential generator: the same numbers in every process and version.</summary>
    private sealed class Noise
    {
        private uint _state = 1;

        /// <summary>From 0 to 1.</summary>
        public double Unit()
        {
            _state = unchecked((_state * 1664525) + 1013904223);
            return (_state >> 8) / (double)(1 << 24);
        }
    }
}
