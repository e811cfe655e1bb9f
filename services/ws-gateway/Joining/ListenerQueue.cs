using System.Net.WebSockets;
using System.Threading.Channels;

namespace CallMirror.WsGateway.Joining;

/// <summary>Where a listener's stream begins.</summary>
internal sealed record Opening(long Position, int SampleRate);

/// <summary>How a listener is to be told goodbye, behind all that waits for it.</summary>
/// <param name="Status">RFC 6455 §7.4.</param>
/// <param name="Word">The reason's fixed word.</param>
/// <param name="Sentence">What follows it; null where there is nothing to explain.</param>
internal sealed record Goodbye(WebSocketCloseStatus Status, string Word, string? Sentence)
{
    public static Goodbye Ended { get; } = new(WebSocketCloseStatus.NormalClosure, "ended", null);

    public static Goodbye Stopping { get; } = new(WebSocketCloseStatus.EndpointUnavailable, "stopping", "the gateway stops; join again");

    public static Goodbye TapFailed { get; } = new(WebSocketCloseStatus.InternalServerError, "tap-failed", "the call can't be listened to; its gateway's log says why");

    /// <summary>As a close frame has it.</summary>
    public string? Description => Sentence is null ? null : $"{Word}: {Sentence}";
}

/// <summary>
/// What waits for one listener. Whoever puts something in never waits: beyond so much audio the oldest becomes silence of its length, which is
/// told as one gap. Any thread may put in, one takes out.
/// </summary>
internal sealed class ListenerQueue(TimeSpan keep, JoinMetrics metrics) : IDisposable
{
    // Nobody dials as fast; what is beyond it is dropped and counted.
    private const int MaxTexts = 256;

    private readonly Lock _lock = new();
    private readonly Queue<Piece> _pieces = new();
    // What came before the first of those: silence, and the texts in between.
    private readonly List<Piece> _lost = [];
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _keepSamples;
    private long _samples;
    private int _texts;
    private bool _isClosed;
    private volatile Opening? _opening;
    private volatile Goodbye? _goodbye;

    /// <summary>Where the stream begins; null as long as that is not known.</summary>
    public Opening? Opening => _opening;

    /// <summary>Nothing comes any more; null while something may.</summary>
    public Goodbye? Goodbye => _goodbye;

    /// <summary>From now on pieces come.</summary>
    public void Open(long position, int sampleRate)
    {
        _keepSamples = (long)(keep.TotalSeconds * sampleRate);
        _opening = new Opening(position, sampleRate);
        Wake();
    }

    /// <summary>Puts a piece in, with a reference of the queue's own to its frame.</summary>
    public void Offer(in Piece piece)
    {
        lock (_lock)
        {
            if (_isClosed || _goodbye is not null)
                return;
            if (piece.Kind == PieceKind.Text && ++_texts > MaxTexts)
            {
                _texts--;
                metrics.TextDropped();
                return;
            }

            piece.Owner?.AddReference();
            _pieces.Enqueue(piece);
            _samples += piece.Samples;
            while (_samples > _keepSamples)
                LoseOldest();
        }

        Wake();
    }

    /// <summary>Nothing comes behind what is there. The first word counts.</summary>
    public void Finish(Goodbye goodbye)
    {
        Interlocked.CompareExchange(ref _goodbye, goodbye, null);
        Wake();
    }

    /// <summary>Takes the next piece, and its reference.</summary>
    public bool TryTake(out Piece piece)
    {
        lock (_lock)
        {
            bool isLost = _lost.Count > 0;
            piece = isLost ? _lost[0] : default;
            if (isLost)
                _lost.RemoveAt(0);
            else if (!_pieces.TryDequeue(out piece))
                return false;
            _samples -= isLost ? 0 : piece.Samples;
            _texts -= piece.Kind == PieceKind.Text ? 1 : 0;
            return true;
        }
    }

    /// <summary>Has whoever waits look again.</summary>
    public void Wake() => _news.Writer.TryWrite(true);

    /// <summary>Completes when there may be something new.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _news.Reader.ReadAsync(cancellationToken);

    /// <summary>Lets go of all that waits; nothing is taken in any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            while (_pieces.TryDequeue(out var piece))
                piece.Owner?.Dispose();
            _lost.Clear();
        }
    }

    private void LoseOldest()
    {
        var oldest = _pieces.Dequeue();
        _samples -= oldest.Samples;
        if (oldest.Kind != PieceKind.Frame)
        {
            _lost.Add(oldest);
            return;
        }

        oldest.Owner?.Dispose();
        metrics.SamplesLost(oldest.Samples, "slow-listener");
        if (_lost is [.., { Kind: PieceKind.Lost } last] && last.End == oldest.Position)
            _lost[^1] = last with { Samples = last.Samples + oldest.Samples };
        else
            _lost.Add(oldest with { Kind = PieceKind.Lost, Owner = null });
    }
}
