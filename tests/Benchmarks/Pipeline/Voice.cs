using CallMirror.Audio.G711;
using CallMirror.TestKit.Load;

namespace CallMirror.Benchmarks.Pipeline;

/// <summary>What the calls of a load say.</summary>
internal static class Voice
{
    /// <summary>Packets of 20 ms of PCMA.</summary>
    // A voice of a kind: a tone whose pitch and loudness wander, as a recogniser or a compressor would never take for silence.
    public static byte[][] Speech()
    {
        var packets = new byte[500][];
        double phase = 0;
        for (int i = 0; i < packets.Length; i++)
        {
            packets[i] = new byte[LoadCapture.SamplesPerPacket];
            double loudness = 6000 * (1.2 + Math.Sin(i / 9.0));
            for (int n = 0; n < LoadCapture.SamplesPerPacket; n++)
            {
                phase += 2 * Math.PI * (220 + 90 * Math.Sin(i / 31.0)) / 8000;
                packets[i][n] = ALaw.Encode((short)(loudness * (Math.Sin(phase) + 0.4 * Math.Sin(3 * phase))));
            }
        }

        return packets;
    }
}
