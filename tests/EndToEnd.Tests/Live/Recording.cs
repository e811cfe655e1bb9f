using System.Net.Sockets;
using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>
/// Writes down what arrives on an interface, with the times that the kernel gave the packets: those that a capture beside it sees. A socket that asks
/// for the times of its packets makes sure that the kernel takes them once, before any listener does.
/// </summary>
internal sealed class Recording : IAsyncDisposable
{
    private const int RingBytes = 32 << 20;
    private const int SocketLevel = 1;
    private const int TimestampsInNanoseconds = 35;
    private const uint NanosecondMagic = 0xA1B23C4D;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly PcapDeviceSource _source;
    private readonly Socket _timekeeper = new(SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly FileStream _file;
    private readonly Task _reading;

    private Recording(PcapDeviceSource source, string path)
    {
        (_source, _file) = (source, File.Create(path));
        _timekeeper.SetRawSocketOption(SocketLevel, TimestampsInNanoseconds, BitConverter.GetBytes(1));
        using (var header = new BinaryWriter(_file, System.Text.Encoding.ASCII, leaveOpen: true))
        {
            foreach (uint word in (uint[])[NanosecondMagic, 0x0004_0002, 0, 0, 262_144, 1])
                header.Write(word);
        }

        _reading = Task.Run(ReadAsync);
    }

    public static async Task<Recording> StartAsync(NetworkNamespace inside, string path, string device = NetworkNamespace.Far) =>
        new(await inside.OpenAsync(() => PcapDeviceSource.Open(device, RingBytes)), path);

    /// <summary>On an interface of the network of this process.</summary>
    public static Recording StartHere(string device, string path) => new(PcapDeviceSource.Open(device, RingBytes), path);

    /// <summary>Frames written so far.</summary>
    public int Frames { get; private set; }

    /// <summary>What the kernel had no room for.</summary>
    public long Dropped => _source.Figures.DroppedByKernel;

    /// <summary>Ends it; then the file is whole.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _reading;
        await _file.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _source.Dispose();
        _timekeeper.Dispose();
        _stopping.Dispose();
    }

    private async Task ReadAsync()
    {
        using var timer = new PeriodicTimer(Pause);
        using var writer = new BinaryWriter(_file, System.Text.Encoding.ASCII, leaveOpen: true);
        while (!_stopping.IsCancellationRequested)
        {
            Drain(writer);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        Drain(writer);
    }

    private void Drain(BinaryWriter writer)
    {
        while (_source.TryRead(out var packet) == SourceStatus.Packet)
        {
            writer.Write((uint)(packet.TimeNs / 1_000_000_000));
            writer.Write((uint)(packet.TimeNs % 1_000_000_000));
            writer.Write(packet.Frame.Length);
            writer.Write(packet.Frame.Length);
            writer.Write(packet.Frame);
            Frames++;
        }
    }
}
