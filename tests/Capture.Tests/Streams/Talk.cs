using System.Buffers.Binary;
using CallMirror.Capture.Tests.Engine;

namespace CallMirror.Capture.Tests.Streams;

/// <summary>
/// Packets of the caller, each with its index in its first samples, and where the engine has put them. Whatever is played is played at several windows, and
/// must come out the same. Times are in milliseconds since the call's epoch.
/// </summary>
internal sealed class Talk
{
    public const int Samples = Line.Samples;
    public const int PacketMs = 20;
    private const byte Loud = 0x20;
    private const byte Quiet = 0xD5;
    private static readonly int[] WindowsMs = [20, 100, 450, 2000];

    private readonly List<(double Ms, int Number, uint Timestamp, uint Ssrc, byte PayloadType, byte[] Payload)> _packets = [];
    private readonly List<(int Index, long Position)> _placed = [];

    /// <summary>Packets given so far; the next one has this index.</summary>
    public int Count { get; private set; }

    /// <summary>The line that was played last.</summary>
    public Line Line { get; private set; } = new();

    /// <summary>What was placed, in order of position.</summary>
    public IReadOnlyList<(int Index, long Position)> Placed => _placed;

    public IEnumerable<int> Indices => _placed.Select(packet => packet.Index);

    /// <summary>One packet; by default its number and timestamp are those of an unbroken stream.</summary>
    public Talk Say(double ms, int? number = null, uint? timestamp = null, uint ssrc = 1, bool quiet = false)
    {
        byte[] payload = Enumerable.Repeat(quiet ? Quiet : Loud, Samples).ToArray();
        if (!quiet)
            BinaryPrimitives.WriteInt32BigEndian(payload, Count);
        _packets.Add((ms, number ?? Count, timestamp ?? (uint)(Count * Samples), ssrc, 8, payload));
        Count++;
        return this;
    }

    /// <summary>Packets at the usual rate; <paramref name="late"/> says how much later than that each comes.</summary>
    public Talk Say(double fromMs, int packets, Func<int, double> late, bool quiet = false)
    {
        for (int i = 0; i < packets; i++)
            Say(fromMs + PacketMs * i + late(i), quiet: quiet);
        return this;
    }

    /// <summary>A second copy of a packet.</summary>
    public Talk Copy(int of, double ms)
    {
        _packets.Add(_packets[of] with { Ms = ms });
        return this;
    }

    /// <summary>Packets that are lost on their way: nobody hears them.</summary>
    public Talk Lose(int packets = 1)
    {
        Count += packets;
        return this;
    }

    /// <summary>Plays all of it, in order of arrival.</summary>
    public Talk Play()
    {
        var first = PlayAt(WindowsMs[0]);
        foreach (int window in WindowsMs[1..])
        {
            Line = PlayAt(window);
            Assert.Equal(first.Audio(0), Line.Audio(0));
            Assert.Equal(first.Quality, Line.Quality);
            Assert.Equal(first.Engine.Counters.Drops(), Line.Engine.Counters.Drops());
        }

        _placed.Clear();
        foreach (var (position, content) in Line.Audio(0))
            Read(position, Convert.FromHexString(content));
        return this;
    }

    /// <summary>Positions of all packets, less where they belong by their index, beginning at <paramref name="fromMs"/>; in milliseconds, each value once in a row.</summary>
    public List<double> Shifts(double fromMs)
    {
        List<double> shifts = [];
        foreach (var (index, position) in _placed)
        {
            double shift = position / 8.0 - fromMs - PacketMs * index;
            if (shifts is not [.., var last] || last != shift)
                shifts.Add(shift);
        }

        return shifts;
    }

    private Line PlayAt(int windowMs)
    {
        var line = new Line(options => options.Window = TimeSpan.FromMilliseconds(windowMs)).Negotiate();
        foreach (var (ms, number, timestamp, ssrc, payloadType, payload) in _packets.OrderBy(packet => packet.Ms))
            line.Rtp(ms, number, timestamp, ssrc, payloadType, payload);
        return line.Finish();
    }

    private void Read(long position, byte[] content)
    {
        for (int at = 0; at < content.Length;)
        {
            if (content[at] == Quiet)
            {
                at++;
                continue;
            }

            int index = BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(at));
            Assert.False(content.AsSpan(at + sizeof(int), Samples - sizeof(int)).ContainsAnyExcept(Loud));
            _placed.Add((index, position + at));
            at += Samples;
        }
    }
}
