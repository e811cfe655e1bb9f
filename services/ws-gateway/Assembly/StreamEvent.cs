using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>A mark on its way to the listener.</summary>
/// <param name="Mark">What happened, and where.</param>
/// <param name="SentAt">The position that had been sent when it was sent.</param>
internal readonly record struct StreamEvent(MediaMark Mark, long SentAt);

/// <summary>What a stream has to send next.</summary>
internal enum OutputKind
{
    /// <summary>Nothing for now.</summary>
    None,

    /// <summary>A frame of audio.</summary>
    Frame,

    /// <summary>An event whose audio has been sent.</summary>
    Event,

    /// <summary>The stream is over: nothing comes after it.</summary>
    End,
}

/// <summary>The next thing to send of a stream; a frame's bytes are valid until the next one is taken.</summary>
internal readonly record struct StreamOutput(OutputKind Kind, ReadOnlyMemory<byte> Frame, MediaMark Event)
{
    /// <summary>The frame begins with a sample that was captured, not with silence in the place of one.</summary>
    public bool IsHeard { get; init; }
}
