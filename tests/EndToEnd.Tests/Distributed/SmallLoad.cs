using CallMirror.TestKit.Load;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>A handful of calls in real time, and what each of their streams is when nothing happens to it.</summary>
internal sealed class SmallLoad : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SmallLoad(int calls, int seconds)
    {
        Streams = 2 * calls;
        LoadCapture.Write(Capture, new LoadPlan(calls, seconds, TimeSpan.FromSeconds(1), UniquePayload));
    }

    public string Capture => _folder["load.pcap"];

    public int Streams { get; }

    /// <summary>Bytes that no other packet has: what is lost, doubled or misplaced differs.</summary>
    public static byte[] UniquePayload(int call, int role, int packet)
    {
        byte[] bytes = new byte[LoadCapture.SamplesPerPacket];
        new Random((((call * 2) + role) * 100_000) + packet).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The samples of each stream by tag, from a run in one process as fast as can be.</summary>
    public async Task<Dictionary<string, short[]>> WholeAsync()
    {
        string whole = Directory.CreateDirectory(_folder["whole"]).FullName;
        Assert.Equal(0, (await Runs.ToSinkAsync(new AllInOne.Commands.Input([Capture], Device: null, Filter: null, Speed: null), whole)).ExitCode);
        var streams = Directory.GetFiles(whole, "*.pcm").ToDictionary(path => Path.GetFileNameWithoutExtension(path), Runs.Samples);
        Assert.Equal(Streams, streams.Count);
        return streams;
    }

    public void Dispose() => _folder.Dispose();
}
