using CallMirror.Contracts.Calls;

namespace CallMirror.WsGateway;

/// <summary>What became of one stream so far. Positions and samples are counted at <see cref="SampleRate"/>.</summary>
public sealed record StreamFigures
{
    /// <summary>The SIP Call-ID.</summary>
    public required string CallId { get; init; }

    /// <summary>0 = caller, 1 = callee.</summary>
    public required int Role { get; init; }

    /// <summary>The stream's tag.</summary>
    public required string Tag { get; init; }

    /// <summary>The From URI, where known.</summary>
    public string? From { get; init; }

    /// <summary>The To URI, where known.</summary>
    public string? To { get; init; }

    /// <summary>The call's epoch: position 0.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>In Hz.</summary>
    public required int SampleRate { get; init; }

    /// <summary>Position of the first sample.</summary>
    public required long Start { get; init; }

    /// <summary>Everything before it has been handed to the listener.</summary>
    public required long Position { get; init; }

    /// <summary>The position behind the last sample that is known.</summary>
    public required long End { get; init; }

    /// <summary>
    /// Everything before it is stored: the listener has acknowledged it, or closed with 1000 behind the end. Null where it never said a word, and all that is known is
    /// <see cref="Position"/>.
    /// </summary>
    public required long? StoredPosition { get; init; }

    /// <summary>The listener has said that it wants no more of it.</summary>
    public required bool IsStopped { get; init; }

    /// <summary>Samples that are missing in what the listener has: those of <see cref="GapSamples"/> and <see cref="LostSamples"/>.</summary>
    public long MissingSamples => GapSamples + LostSamples;

    /// <summary>Samples handed to the listener, none counted twice.</summary>
    public long Samples => Position - Start;

    /// <summary>Frames handed to the listener, those sent again included.</summary>
    public required long Frames { get; init; }

    /// <summary>Gaps reported: chunks that never came.</summary>
    public required long Gaps { get; init; }

    /// <summary>Samples in those gaps.</summary>
    public required long GapSamples { get; init; }

    /// <summary>Samples that came again and were dropped.</summary>
    public required long DuplicateSamples { get; init; }

    /// <summary>Connections after the first.</summary>
    public required int Reconnects { get; init; }

    /// <summary>Samples that a listener had lost and were no longer kept: they became silence.</summary>
    public required long LostSamples { get; init; }

    /// <summary>What the listener has acknowledged, where it does.</summary>
    public long? AckedPosition { get; init; }

    /// <summary>Why it ended; null while it goes on.</summary>
    public EndReason? EndReason { get; init; }

    /// <summary>Why the listener could not be given all of it, in one sentence; null where it could.</summary>
    public string? Failure { get; init; }
}
