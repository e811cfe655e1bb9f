using System.Text;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>Why a message in a lane is no chunk of its call.</summary>
internal enum ChunkError
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>It is no media message.</summary>
    NoMediaMessage,

    /// <summary>It is an RTP batch.</summary>
    NoL16Chunk,

    /// <summary>It is of another call.</summary>
    OtherCall,

    /// <summary>Frames of 20 ms are no whole number of samples, or the rate is not the one that the call began with.</summary>
    SampleRate,
}

/// <summary>
/// The chunks of one call, in any order and more than once, to the streams of its two roles. It takes deliveries and says which of them are
/// dealt with; it does no I/O.
/// </summary>
internal sealed class CallAssembler(string callId, ChunkLimits limits, TimeSpan keep) : IDisposable
{
    /// <summary>Caller and callee.</summary>
    public const int Roles = 2;

    private readonly byte[] _callIdUtf8 = Encoding.UTF8.GetBytes(callId);
    private readonly ChunkOrder _order = new(limits);
    private readonly StreamAssembler[] _streams = [new(new StreamBacklog(keep)), new(new StreamBacklog(keep))];
    private readonly bool[] _seen = new bool[Roles];
    private int _sampleRate;
    private bool _firstUsed;

    /// <summary>The stream of a role.</summary>
    public StreamAssembler this[int role] => _streams[role];

    /// <summary>Samples a second; 0 before the first chunk.</summary>
    public int SampleRate => _sampleRate;

    /// <summary>Chunks that wait for an earlier one.</summary>
    public int HeldCount => _order.HeldCount;

    /// <summary>A chunk has been used. Before, this gateway may be one of many that stand by.</summary>
    public bool HasBegun => _firstUsed;

    /// <summary>What the held chunks wait for may have been used by another gateway, and then it never comes.</summary>
    public bool MayHaveMissed => _order.MayHaveMissed;

    /// <summary>Another gateway has sent the beginning of the call.</summary>
    public bool TakenOver { get; private set; }

    /// <summary>Chunks dropped because they had been used or given up before, or another capture leads.</summary>
    public long DroppedChunks { get; private set; }

    /// <summary>Times that chunks were given up.</summary>
    public long Skips { get; private set; }

    /// <summary>Both roles have ended.</summary>
    public bool IsOver => _streams[0].Backlog.Ended is not null && _streams[1].Backlog.Ended is not null;

    /// <summary>Every role that had a word said about it has ended.</summary>
    public bool SeenRolesAreOver
    {
        get
        {
            for (int role = 0; role < Roles; role++)
                if (_seen[role] && _streams[role].Backlog.Ended is null)
                    return false;
            return _seen[0] || _seen[1];
        }
    }

    /// <summary>Takes a message in. Deliveries that need not come again are added to <paramref name="settled"/>.</summary>
    /// <returns>False where it is no chunk of this call: then it is the caller's to reject.</returns>
    public bool TryAdd(MediaDelivery delivery, ICollection<MediaDelivery> settled, out ChunkError error)
    {
        error = Check(delivery, out var message);
        if (error != ChunkError.None)
            return false;
        if (_order.IsOfNewSubscription(delivery))
            foreach (var again in _order.LetGo(delivery.Subscription))
                settled.Add(again);
        switch (_order.Offer(delivery, message.Header))
        {
            case ChunkVerdict.InOrder:
                Use(delivery, message, Before.Used, settled);
                break;
            case ChunkVerdict.Past or ChunkVerdict.OtherSource:
                DroppedChunks++;
                settled.Add(delivery);
                break;
        }

        TakeHeld(settled);
        return true;
    }

    /// <summary>Nothing came for too long: whatever is held goes on without what it waited for.</summary>
    public void GiveUpWaiting(ICollection<MediaDelivery> settled)
    {
        _order.GiveUpWaiting();
        TakeHeld(settled);
    }

    /// <summary>Ends the streams that have not ended yet, where they are.</summary>
    public void Complete(EndReason reason)
    {
        foreach (var stream in _streams)
            stream.Backlog.Complete(reason);
    }

    /// <summary>Gives all buffers back.</summary>
    public void Dispose()
    {
        foreach (var stream in _streams)
            stream.Backlog.Dispose();
    }

    private ChunkError Check(MediaDelivery delivery, out MediaMessage message)
    {
        if (!MediaMessage.TryParse(delivery.Body.Span, out message, out _))
            return ChunkError.NoMediaMessage;
        var header = message.Header;
        if (header.Kind != MediaKind.L16Chunk)
            return ChunkError.NoL16Chunk;
        if (!message.CallIdUtf8.SequenceEqual(_callIdUtf8))
            return ChunkError.OtherCall;
        if (header.SampleRate % 50 != 0 || (_sampleRate != 0 && header.SampleRate != _sampleRate))
            return ChunkError.SampleRate;
        _sampleRate = header.SampleRate;
        return ChunkError.None;
    }

    private void TakeHeld(ICollection<MediaDelivery> settled)
    {
        while (_order.TryTake(out var delivery, out bool afterSkip, out bool elsewhere))
        {
            if (afterSkip && !elsewhere)
                Skips++;
            // Checked when it came in.
            if (MediaMessage.TryParse(delivery.Body.Span, out var message, out _))
                Use(delivery, message, elsewhere ? Before.UsedElsewhere : afterSkip ? Before.GivenUp : Before.Used, settled);
        }
    }

    private void Use(MediaDelivery delivery, in MediaMessage message, Before before, ICollection<MediaDelivery> settled)
    {
        if (!_firstUsed)
            TakenOver = _order.BeganLate || delivery.Redelivered;
        _firstUsed = true;
        foreach (var section in message)
        {
            if (section.Role >= Roles)
                continue;
            _seen[section.Role] = true;
            _streams[section.Role].Add(section, delivery.Buffer, _sampleRate, before, TakenOver);
        }

        settled.Add(delivery);
    }
}
