using System.Runtime.InteropServices;
using CallMirror.Contracts.Media;
using CallMirror.Transcoder.Transcoding;

namespace CallMirror.Transcoder.Tests.Transcoding;

/// <summary>A chunk's content, copied out.</summary>
internal sealed record Chunk(MediaHeader Header, string CallId, IReadOnlyList<Chunk.Section> Sections)
{
    public Section Only => Assert.Single(Sections);

    /// <summary>Transcodes a batch that must be fine.</summary>
    public static Chunk Of(byte[] batch, int outputRate = 16000) => Of(new BatchTranscoder(outputRate), batch);

    public static Chunk Of(BatchTranscoder transcoder, byte[] batch)
    {
        using var buffer = new MediaBuffer(16);
        Assert.True(transcoder.TryTranscode(batch, buffer, out var error), error.ToString());
        Assert.Equal(TranscodeError.None, error);
        return Read(buffer.Memory.Span);
    }

    public static Chunk Read(ReadOnlySpan<byte> bytes)
    {
        Assert.True(MediaMessage.TryParse(bytes, out var message, out var error), error.ToString());
        var sections = new List<Section>();
        foreach (var section in message)
            sections.Add(Read(section));
        return new Chunk(message.Header, message.CallId, sections);
    }

    private static Section Read(MediaSection section)
    {
        var runs = new List<Run>();
        foreach (var run in section.Runs)
            runs.Add(new Run(run.Header, MemoryMarshal.Cast<byte, short>(run.Payload).ToArray()));
        var marks = new List<MediaMark>();
        foreach (var mark in section.Marks)
            marks.Add(mark);
        return new Section(section.Role, section.Flags, section.Through, runs, marks);
    }

    internal sealed record Section(byte Role, SectionFlags Flags, long Through, IReadOnlyList<Run> Runs, IReadOnlyList<MediaMark> Marks);

    internal sealed record Run(RunHeader Header, short[] Samples)
    {
        public long End => Header.Position + Samples.Length;
    }
}
