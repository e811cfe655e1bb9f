using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Joining;

/// <summary>One stream of a call that is listened to, and who listens to it from where. One caller at a time.</summary>
internal sealed class TappedStream(StreamIdentity identity)
{
    private readonly List<ListenerQueue> _listeners = [];

    /// <summary>What its listeners are told of it.</summary>
    public StreamIdentity Identity => identity;

    /// <summary>Somebody listens.</summary>
    public bool IsHeard => _listeners.Count > 0;

    /// <summary>Its position is known.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Nothing comes any more.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Where its next sample stands.</summary>
    public long Position { get; private set; }

    /// <summary>Samples a second.</summary>
    public int SampleRate { get; private set; }

    /// <summary>Adds a listener, who hears what comes from now on.</summary>
    public void Add(ListenerQueue listener)
    {
        _listeners.Add(listener);
        if (HasBegun)
            listener.Open(Position, SampleRate);
    }

    public void Remove(ListenerQueue listener) => _listeners.Remove(listener);

    public void Begin(long position, int sampleRate)
    {
        (HasBegun, Position, SampleRate) = (true, position, sampleRate);
        foreach (var listener in _listeners)
            listener.Open(position, sampleRate);
    }

    /// <summary>Gives the next frame to all; it stays the caller's.</summary>
    public void Frame(MediaBuffer frame)
    {
        int samples = frame.Length / sizeof(short) / identity.Channels;
        var piece = Piece.Of(Position, samples, frame);
        foreach (var listener in _listeners)
            listener.Offer(piece);
        Position += samples;
    }

    /// <summary>Nobody hears the next samples.</summary>
    public void Skip(int samples) => Position += samples;

    public void Event(in MediaMark mark, int? role = null)
    {
        if (_listeners.Count == 0 || !ListenerTexts.TryEvent(mark, out var text, role))
            return;
        foreach (var listener in _listeners)
            listener.Offer(Piece.Of(PieceKind.Text, text));
    }

    /// <summary>The last word to all.</summary>
    public void End(EndReason reason)
    {
        HasEnded = true;
        var text = ListenerTexts.End(identity, identity.Tag, Position, reason);
        foreach (var listener in _listeners)
        {
            listener.Offer(Piece.Of(PieceKind.End, text));
            listener.Finish(Goodbye.Ended);
        }
    }

    /// <summary>Has all listeners look again.</summary>
    public void Wake()
    {
        foreach (var listener in _listeners)
            listener.Wake();
    }

    /// <summary>All must go.</summary>
    public void Leave(Goodbye goodbye)
    {
        foreach (var listener in _listeners)
            listener.Finish(goodbye);
    }
}
