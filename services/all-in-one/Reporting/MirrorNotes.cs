using System.Threading.Channels;
using CallMirror.Capture.Hearing;

namespace CallMirror.AllInOne.Reporting;

/// <summary>Notes what an interface hears. Whoever reads the notes may be slow, or a terminal may stand still: the capture waits for neither.</summary>
internal sealed class MirrorNotes : IAsyncDisposable
{
    // The newest says what is so; of those before it as many are kept.
    private const int MaxLines = 16;

    private readonly Channel<string> _lines =
        Channel.CreateBounded<string>(new BoundedChannelOptions(MaxLines) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly Task _noting;

    public MirrorNotes(MirrorWatch mirror, Action<string> note)
    {
        mirror.Said = line => _lines.Writer.TryWrite(line);
        _noting = Task.Run(() => NoteAsync(note));
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.Complete();
        await _noting;
    }

    private async Task NoteAsync(Action<string> note)
    {
        await foreach (string line in _lines.Reader.ReadAllAsync(CancellationToken.None))
            note(line);
    }
}
