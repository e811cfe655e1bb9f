using CallMirror.Contracts.Media;

namespace CallMirror.Transcoder.Tracing;

/// <summary>What one transcoder has made of one stream so far.</summary>
internal sealed class StreamWork(DateTimeOffset since)
{
    /// <summary>When it had the first of it.</summary>
    public DateTimeOffset Since { get; } = since;

    /// <summary>When it had the latest, in the clock's ticks.</summary>
    public long LastAt { get; private set; }

    /// <summary>Messages with something of the stream.</summary>
    public long Batches { get; private set; }

    /// <summary>Samples that came out.</summary>
    public long Samples { get; private set; }

    /// <summary>How long those messages took to transcode, the other role's part included.</summary>
    public TimeSpan Busy { get; private set; }

    /// <summary>Counts a section; true where the stream ends with it.</summary>
    public bool Take(MediaSection section, TimeSpan took, long now)
    {
        Batches++;
        Busy += took;
        LastAt = now;
        foreach (var run in section.Runs)
            Samples += run.Payload.Length / sizeof(short);
        foreach (var mark in section.Marks)
            if (mark.Kind == MarkKind.End)
                return true;
        return false;
    }
}
