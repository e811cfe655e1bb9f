using CallMirror.Contracts.Media;
using CallMirror.Messaging.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>What becomes of a chunk that came in.</summary>
internal enum ChunkVerdict
{
    /// <summary>It is the next one: use it now, then take what waited for it.</summary>
    InOrder,

    /// <summary>It waits for an earlier one; <see cref="ChunkOrder.TryTake"/> gives it back.</summary>
    Held,

    /// <summary>It has been used, or given up, before.</summary>
    Past,

    /// <summary>Another capture of the same call leads.</summary>
    OtherSource,
}

/// <summary>How long a missing chunk is waited for.</summary>
/// <param name="LateLimit">Media time between the first chunk that waits and the newest; null = as long as it takes.</param>
/// <param name="MaxHeldBytes">Bytes in chunks that wait.</param>
internal readonly record struct ChunkLimits(TimeSpan? LateLimit, long MaxHeldBytes)
{
    // What another owner of the lane has used never comes, so there is little to wait for.
    private static readonly TimeSpan TakeOverLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>The limit where another owner may have used what is missing.</summary>
    public TimeSpan? WhereTakenOver => LateLimit is { } late && late > TakeOverLimit ? TakeOverLimit : LateLimit;
}

/// <summary>
/// Puts the chunks of one call into the order of their sequence numbers. A missing one is waited for within limits, then skipped. Owns no
/// buffer: who offers a chunk settles it once it is used.
/// </summary>
/// <remarks>
/// Two captures of one mirror place the same samples some microseconds apart, so cutting from one to the other would repeat or lose some at each
/// cut: the source seen first leads until it has been silent for <see cref="SourceSilence"/>. Comparing SSRC and RTP timestamp would
/// let both contribute; this is the place for it.
/// </remarks>
internal sealed class ChunkOrder(ChunkLimits limits)
{
    /// <summary>Capture time without a chunk from the leading source after which another may lead.</summary>
    public static readonly TimeSpan SourceSilence = TimeSpan.FromSeconds(1);

    private const long NanosecondsPerTick = 100;

    // A call's first chunk may be late like any other; one so much later in the call has been used by an earlier owner of the lane.
    private const uint FirstSequences = 50;

    // The key's upper half counts the leading sources, the lower half is the sequence.
    private readonly SortedList<ulong, Waiting> _held = [];
    private long _heldBytes;
    private bool _hasLeader;
    private uint _leader;
    private uint _generation;
    private bool _begun;
    private uint _expected;
    private long _newest;
    private bool _givenUp;
    private int _subscription;
    private bool _mayHaveMissed;

    /// <summary>Chunks that wait for an earlier one.</summary>
    public int HeldCount => _held.Count;

    /// <summary>What the held chunks wait for may have been used by another owner of the lane, and then it never comes.</summary>
    public bool MayHaveMissed => _mayHaveMissed;

    /// <summary>The first chunk used was not the call's first: an earlier owner of the lane has used those before.</summary>
    public bool BeganLate { get; private set; }

    /// <summary>
    /// Whether a delivery is the first since the lane was joined again. Then what is held comes again and must be let go
    /// (<see cref="LetGo"/>), and what is missing may have been used by another gateway.
    /// </summary>
    public bool IsOfNewSubscription(MediaDelivery delivery) => delivery.Subscription != _subscription;

    /// <summary>The lane was joined again: gives all that is held back, to be settled unused.</summary>
    public IEnumerable<MediaDelivery> LetGo(int subscription)
    {
        var held = _held.Values.Select(waiting => waiting.Delivery).ToList();
        _held.Clear();
        (_heldBytes, _givenUp, _subscription, _mayHaveMissed) = (0, false, subscription, _begun);
        return held;
    }

    /// <summary>Decides about a chunk.</summary>
    public ChunkVerdict Offer(MediaDelivery delivery, in MediaHeader header)
    {
        if (!Follows(header))
            return ChunkVerdict.OtherSource;
        _mayHaveMissed |= !_begun && _generation == 0 && (delivery.Redelivered || header.Sequence >= FirstSequences);
        _newest = Math.Max(_newest, header.CapturedAt);
        if (_begun && header.Sequence < _expected)
            return ChunkVerdict.Past;
        if (_held.Count == 0 && header.Sequence == (_begun ? _expected : 0))
        {
            Advance(header.Sequence);
            _mayHaveMissed = false;
            return ChunkVerdict.InOrder;
        }

        if (!_held.TryAdd(Key(header.Sequence), new Waiting(delivery, header.CapturedAt)))
            return ChunkVerdict.Past;
        _heldBytes += delivery.Body.Length;
        return ChunkVerdict.Held;
    }

    /// <summary>
    /// Takes the next chunk whose turn it is; <paramref name="afterSkip"/> where some before it were given up, <paramref name="elsewhere"/> where
    /// another gateway is taken to have used them while the lane was its.
    /// </summary>
    public bool TryTake(out MediaDelivery delivery, out bool afterSkip, out bool elsewhere)
    {
        delivery = null!;
        (afterSkip, elsewhere) = (false, false);
        if (_held.Count == 0)
        {
            _givenUp = false;
            return false;
        }

        ulong key = _held.GetKeyAtIndex(0);
        bool ofEarlierLeader = (uint)(key >> 32) != _generation;
        if (!ofEarlierLeader && !IsTurn((uint)key, out afterSkip))
            return false;
        delivery = _held.GetValueAtIndex(0).Delivery;
        _held.RemoveAt(0);
        _heldBytes -= delivery.Body.Length;
        if (ofEarlierLeader)
            afterSkip = true;
        else
            Advance((uint)key);
        elsewhere = afterSkip && _mayHaveMissed;
        _mayHaveMissed = false;
        return true;
    }

    /// <summary>Stops waiting: all that is held may be taken.</summary>
    public void GiveUpWaiting() => _givenUp = _held.Count > 0;

    private bool IsTurn(uint sequence, out bool afterSkip)
    {
        afterSkip = false;
        if (sequence == (_begun ? _expected : 0))
            return true;
        if (!IsOverdue())
            return false;
        // What an earlier owner of the lane has used is no loss, what an earlier source did not carry may be.
        afterSkip = _begun || _generation > 0;
        BeganLate |= !_begun && _generation == 0;
        return true;
    }

    private bool IsOverdue() =>
        _givenUp
        || _heldBytes > limits.MaxHeldBytes
        || ((_mayHaveMissed ? limits.WhereTakenOver : limits.LateLimit) is { } late && _newest - _held.GetValueAtIndex(0).CapturedAt >= late.Ticks * NanosecondsPerTick);

    private void Advance(uint sequence)
    {
        _begun = true;
        _expected = sequence + 1;
    }

    private bool Follows(in MediaHeader header)
    {
        if (_hasLeader && header.Source == _leader)
            return true;
        if (_hasLeader && header.CapturedAt - _newest < SourceSilence.Ticks * NanosecondsPerTick)
            return false;
        if (_hasLeader)
            _generation++;
        _hasLeader = true;
        _leader = header.Source;
        _begun = false;
        return true;
    }

    private ulong Key(uint sequence) => ((ulong)_generation << 32) | sequence;

    private readonly record struct Waiting(MediaDelivery Delivery, long CapturedAt);
}
