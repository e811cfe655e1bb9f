using CallMirror.Contracts.Media;
using CallMirror.WsGateway.Assembly;

namespace CallMirror.WsGateway.Tests.Assembly;

/// <summary>All that a backlog gives, in order.</summary>
internal sealed class Outputs
{
    private readonly List<byte> _audio = [];

    public byte[] Audio => [.. _audio];

    public List<int> Frames { get; } = [];

    /// <summary>Each event with the samples that were sent before it.</summary>
    public List<(MediaMark Mark, long After)> Events { get; } = [];

    public bool Ended { get; private set; }

    public static Outputs Of(StreamBacklog backlog) => new Outputs().Take(backlog);

    public Outputs Take(StreamBacklog backlog)
    {
        while (backlog.HasOutput)
        {
            var output = backlog.Next();
            switch (output.Kind)
            {
                case OutputKind.Frame:
                    _audio.AddRange(output.Frame.Span);
                    Frames.Add(output.Frame.Length);
                    break;
                case OutputKind.Event:
                    Events.Add((output.Event, _audio.Count / 2));
                    break;
                case OutputKind.End:
                    Ended = true;
                    break;
            }
        }

        backlog.MarkFlushed();
        return this;
    }
}
