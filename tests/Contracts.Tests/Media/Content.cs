using CallMirror.Contracts.Media;

namespace CallMirror.Contracts.Tests.Media;

/// <summary>All that a media message says, in a form that can be made up, written, and compared by its text.</summary>
internal sealed record Content(MediaHeader Header, string CallId, IReadOnlyList<Content.Section> Sections)
{
    public static Content Read(in MediaMessage message)
    {
        var sections = new List<Section>();
        foreach (var section in message)
        {
            var runs = new List<Run>();
            foreach (var run in section.Runs)
                runs.Add(new Run(run.Header, run.Payload.ToArray()));
            var marks = new List<MediaMark>();
            foreach (var mark in section.Marks)
                marks.Add(mark);
            sections.Add(new Section(section.Role, section.Flags, section.Through, runs, marks));
        }

        return new Content(message.Header, message.CallId, sections);
    }

    public byte[] Write()
    {
        using var buffer = new MediaBuffer(capacity: 1);
        var writer = new MediaMessageWriter(buffer, Header, CallId);
        foreach (var section in Sections)
        {
            writer.BeginSection(section.Role, section.Flags, section.Through);
            foreach (var run in section.Runs)
                writer.AddRun(run.Header, run.Payload);
            foreach (var mark in section.Marks)
                writer.AddMark(mark);
        }

        return buffer.Memory.ToArray();
    }

    public override string ToString() => string.Join('\n', [$"{Header} {CallId}", .. Sections.Select(section => section.ToString())]);

    internal sealed record Section(byte Role, SectionFlags Flags, long Through, IReadOnlyList<Run> Runs, IReadOnlyList<MediaMark> Marks)
    {
        public override string ToString() =>
            $"role {Role} {Flags} through {Through}\n{string.Join('\n', Runs)}\n{string.Join('\n', Marks)}";
    }

    internal sealed record Run(RunHeader Header, byte[] Payload)
    {
        public override string ToString() => $"{Header} {Convert.ToHexString(Payload)}";
    }
}
