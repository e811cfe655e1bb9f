using CallMirror.Contracts.Media;

namespace CallMirror.Capture.Tests.Engine;

/// <summary>A run as a message held it.</summary>
internal sealed record Run(long Position, uint Ssrc, uint Timestamp, MediaCodec Codec, bool IsHistory, byte[] Payload);

/// <summary>What one message said of one role.</summary>
internal sealed record Section(string CallId, uint Sequence, byte Role, bool IsOpen, long Through, Run[] Runs, MediaMark[] Marks)
{
    public IEnumerable<Run> History => Runs.Where(run => run.IsHistory);

    public static Section Read(string callId, uint sequence, MediaSection section)
    {
        List<Run> runs = [];
        foreach (var run in section.Runs)
        {
            var header = run.Header;
            runs.Add(new Run(header.Position, header.Ssrc, header.Timestamp, header.Codec, header.Flags == RunFlags.History, run.Payload.ToArray()));
        }

        List<MediaMark> marks = [];
        foreach (var mark in section.Marks)
            marks.Add(mark);
        return new Section(callId, sequence, section.Role, section.Flags == SectionFlags.Open, section.Through, [.. runs], [.. marks]);
    }
}
