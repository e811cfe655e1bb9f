using System.Runtime.InteropServices;
using CallMirror.Audio.Wav;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Joining;

/// <summary>
/// Two roles into one stereo stream, position by position. A role that has begun is waited for; one that has not is taken for silent half a second
/// behind the other, as capture takes it (decision 0001).
/// </summary>
internal sealed class StereoMix : IDisposable
{
    private const int FramesPerSecond = 50;
    private const int MaxEvents = 1024;

    private readonly TappedStream _stream;
    private readonly StereoSide[] _sides = [new(), new()];
    private readonly List<(MediaMark Mark, int Role)> _events = [];
    private readonly bool?[] _holds = new bool?[2];
    private int _rate;

    /// <param name="stream">What it writes to.</param>
    /// <param name="roles">Caller and callee: they are heard from where they are now.</param>
    public StereoMix(TappedStream stream, IReadOnlyList<TappedStream> roles)
    {
        _stream = stream;
        for (int role = 0; role < roles.Count; role++)
            if (roles[role].HasBegun)
                Begin(role, roles[role].Position, roles[role].SampleRate);
    }

    /// <summary>The roles are heard from the call's very beginning: what comes before one of them is silence, and not unknown.</summary>
    public bool IsWhole { get; set; }

    public void Begin(int role, long position, int sampleRate)
    {
        _rate = sampleRate;
        _sides[role].Begin(position);
    }

    /// <summary>Takes the next frame of a role, which stays the caller's.</summary>
    public void Frame(int role, MediaBuffer frame) => _sides[role].Add(frame);

    /// <summary>Takes what happened in a role; what stands in both is one event.</summary>
    public void Event(int role, in MediaMark mark)
    {
        if (_events.Count >= MaxEvents || IsKnown(mark))
            return;
        int at = _events.Count;
        while (at > 0 && _events[at - 1].Mark.Position > mark.Position)
            at--;
        _events.Insert(at, (mark, role));
    }

    public void End(int role, EndReason reason) => _sides[role].End(reason);

    /// <summary>Writes all that is known of both.</summary>
    public void Run()
    {
        if (_stream.HasEnded || (!_stream.HasBegun && !TryBegin()))
            return;
        long limit = Limit();
        int whole = _rate / FramesPerSecond;
        while (limit - _stream.Position >= whole)
            Write(whole);
        if (_sides[0].Ended is null || _sides[1].Ended is null)
        {
            TellEvents(_stream.Position);
            return;
        }

        if (limit > _stream.Position)
            Write((int)(limit - _stream.Position));
        TellEvents(long.MaxValue);
        _stream.End(_sides[0].Ended!.Value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var side in _sides)
            side.Dispose();
    }

    private bool TryBegin()
    {
        var (caller, callee) = (_sides[0], _sides[1]);
        if (caller.HasBegun && callee.HasBegun)
            _stream.Begin(IsWhole ? Math.Min(caller.From, callee.From) : Math.Max(caller.From, callee.From), _rate);
        else if (caller.HasBegun && IsAlone(caller, callee))
            _stream.Begin(caller.From, _rate);
        else if (callee.HasBegun && IsAlone(callee, caller))
            _stream.Begin(callee.From, _rate);
        return _stream.HasBegun;
    }

    private bool IsAlone(StereoSide side, StereoSide other) => other.Ended is not null || side.Through - side.From >= Margin;

    private long Margin => _rate / 2;

    private long Limit()
    {
        var (caller, callee) = (_sides[0], _sides[1]);
        return caller.Ended is not null && callee.Ended is not null
            ? Math.Max(caller.Through, callee.Through)
            : Math.Min(Known(caller, callee), Known(callee, caller));
    }

    private long Known(StereoSide side, StereoSide other)
    {
        if (side.Ended is not null)
            return long.MaxValue;
        return side.HasBegun ? side.Through : other.Through - Margin;
    }

    private void Write(int samples)
    {
        TellEvents(_stream.Position);
        Span<short> left = stackalloc short[samples];
        Span<short> right = stackalloc short[samples];
        _sides[0].Read(_stream.Position, left);
        _sides[1].Read(_stream.Position, right);
        int bytes = 2 * samples * sizeof(short);
        using var frame = new MediaBuffer(bytes);
        Stereo.Interleave(left, right, MemoryMarshal.Cast<byte, short>(frame.Append(bytes)));
        _stream.Frame(frame);
    }

    private void TellEvents(long until)
    {
        int told = 0;
        while (told < _events.Count && _events[told].Mark.Position <= until)
        {
            _stream.Event(_events[told].Mark, _events[told].Role);
            told++;
        }

        _events.RemoveRange(0, told);
    }

    // Hold and resume stand in both streams.
    private bool IsKnown(in MediaMark mark)
    {
        if (mark.Kind is not (MarkKind.Hold or MarkKind.Resume) || mark.Code >= _holds.Length)
            return false;
        bool isHold = mark.Kind == MarkKind.Hold;
        bool isKnown = _holds[mark.Code] == isHold;
        _holds[mark.Code] = isHold;
        return isKnown;
    }
}
