using System.Runtime.InteropServices;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Joining;

/// <summary>What one role has given to a stereo stream, as far as it is not in it yet.</summary>
internal sealed class StereoSide : IDisposable
{
    private readonly Queue<(long Position, MediaBuffer Frame)> _frames = new();

    /// <summary>Its position is known.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The first position that is known of it.</summary>
    public long From { get; private set; }

    /// <summary>All of it is known before this position.</summary>
    public long Through { get; private set; }

    /// <summary>Why nothing more comes; null while something may.</summary>
    public EndReason? Ended { get; private set; }

    public void Begin(long position) => (HasBegun, From, Through) = (true, position, position);

    /// <summary>Takes its next frame, with a reference of its own.</summary>
    public void Add(MediaBuffer frame)
    {
        _frames.Enqueue((Through, frame.AddReference()));
        Through += Samples(frame);
    }

    public void End(EndReason reason) => Ended ??= reason;

    /// <summary>Writes what it has from a position on, silence where it has nothing, and lets go of it.</summary>
    public void Read(long position, Span<short> destination)
    {
        destination.Clear();
        long end = position + destination.Length;
        while (_frames.TryPeek(out var next) && next.Position < end)
        {
            var samples = MemoryMarshal.Cast<byte, short>(next.Frame.Span);
            int skipped = (int)Math.Clamp(position - next.Position, 0, samples.Length);
            int at = (int)Math.Max(0, next.Position - position);
            int count = Math.Min(samples.Length - skipped, destination.Length - at);
            samples.Slice(skipped, count).CopyTo(destination[at..]);
            if (next.Position + samples.Length > end)
                return;
            _frames.Dequeue().Frame.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_frames.TryDequeue(out var next))
            next.Frame.Dispose();
    }

    private static int Samples(MediaBuffer frame) => frame.Length / sizeof(short);
}
