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
}

/// <summary>How long a missing chunk is waited for.</summary>
/// <param name="LateLimit">Media time between the first chunk that waits and the newest; null = as long as it takes.</param>
/// <param name="MaxHeldBytes">Bytes in chunks that wait.</param>
/// <param name="Time">
/// The clock by which it has to be late too: behind a broker that was away, seconds of media come within milliseconds, and what is missing of them is
/// on its way. Null: media time alone.
/// </param>
/// <param name="IsTap">
/// A tap's chunks: nobody else uses them, and what came before its first never comes. A listener that has joined waits for its first word meanwhile.
/// </param>
/// <param name="Total">What waits of all calls, where that is bounded too.</param>
internal readonly record struct ChunkLimits(
    TimeSpan? LateLimit, long MaxHeldBytes, TimeProvider? Time = null, bool IsTap = false, HeldTotal? Total = null)
{
    // What another owner of the lane has used never comes, so there is little to wait for; by the clock, longer than a transcoder's work takes.
    private static readonly TimeSpan TakeOverLimit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan TakeOverWait = TimeSpan.FromSeconds(2);

    /// <summary>
    /// From when a lane was joined again, by the clock: the broker was away, and whoever sends into the lane may come back seconds after who reads it.
    /// </summary>
    public static readonly TimeSpan JoinedAgainWait = TimeSpan.FromSeconds(15);

    /// <summary>The limit in media time.</summary>
    /// <param name="takenOver">Another owner may have used what is missing.</param>
    public TimeSpan? OfMedia(bool takenOver) => takenOver && LateLimit > TakeOverLimit ? TakeOverLimit : LateLimit;

    /// <summary>The limit by the clock, where there is one in media time.</summary>
    /// <param name="takenOver">Another owner may have used what is missing.</param>
    public TimeSpan ByClock(bool takenOver) => takenOver && LateLimit > OfTakeOver ? OfTakeOver : LateLimit.GetValueOrDefault();

    private TimeSpan OfTakeOver => IsTap ? TakeOverLimit : TakeOverWait;
}

/// <summary>
/// Puts the chunks that one source sends of one call into the order of their sequence numbers. A missing one is waited for within limits, then
/// skipped. Owns no buffer: who offers a chunk settles it once it is used.
/// </summary>
internal sealed class ChunkOrder(ChunkLimits limits, HeldBytes bytes)
{
    private const long NanosecondsPerTick = 100;

    // A call's first chunk may be late like any other; one so much later in the call has been used by an earlier owner of the lane.
    private const uint FirstSequences = 50;

    private readonly SortedList<uint, Waiting> _held = [];
    private bool _begun;
    private uint _expected;
    private long _newest;
    private bool _givenUp;
    private bool _mayHaveMissed;
    private bool _isFirstSinceJoined;
    private long? _joinedAgainAt;
    private bool _isAfterOutage;
    private long _highest = -1;
    private long _missing = -1;
    private long _missingSince;

    /// <summary>Chunks that wait for an earlier one.</summary>
    public int HeldCount => _held.Count;

    /// <summary>What the held chunks wait for may have been used by another owner of the lane, and then it never comes.</summary>
    public bool MayHaveMissed => _mayHaveMissed && !(_isAfterOutage && IsJustJoinedAgain);

    /// <summary>By the clock, when the held chunks wait no longer though nothing more comes; null where that is not known, or nothing waits.</summary>
    public TimeSpan? OverdueIn => _held.Count > 0 && _missing >= 0 && limits.Time is { } time && IsLateByMedia()
        ? Longer(limits.ByClock(_mayHaveMissed) - time.GetElapsedTime(_missingSince), JoinedAgainFor ?? TimeSpan.MinValue)
        : null;

    /// <summary>The lane was joined again so lately that who sends into it may not be back.</summary>
    public bool IsJustJoinedAgain => JoinedAgainFor > TimeSpan.Zero;

    /// <summary>The first chunk used was not the source's first: an earlier owner of the lane has used those before.</summary>
    public bool BeganLate { get; private set; }

    /// <summary>
    /// The lane was joined again: what is held comes again. Whether another gateway had the lane meanwhile is told by what comes first. Gives all that
    /// is held back, to be settled unused.
    /// </summary>
    /// <param name="afterOutage">The broker was away meanwhile, for who sends too: then what is missing may still come, whoever had the lane before.</param>
    public IEnumerable<MediaDelivery> LetGo(bool afterOutage)
    {
        var held = _held.Values.Select(waiting => waiting.Delivery).ToList();
        foreach (var delivery in held)
            bytes.Remove(delivery.Body.Length);
        _held.Clear();
        (_givenUp, _mayHaveMissed, _missing) = (false, _mayHaveMissed && !_begun, -1);
        _isFirstSinceJoined = true;
        (_joinedAgainAt, _isAfterOutage) = (limits.Time?.GetTimestamp(), afterOutage);
        return held;
    }

    /// <summary>Decides about a chunk.</summary>
    public ChunkVerdict Offer(MediaDelivery delivery, in MediaHeader header)
    {
        bool wasElsewhere = delivery.Redelivered && header.Sequence > _highest;
        if (!_begun)
            _mayHaveMissed |= wasElsewhere || header.Sequence >= FirstSequences;
        else if (_isFirstSinceJoined)
            _mayHaveMissed = wasElsewhere;
        _isFirstSinceJoined = false;
        _highest = Math.Max(_highest, header.Sequence);
        _newest = Math.Max(_newest, header.CapturedAt);
        if (_begun && header.Sequence < _expected)
            return ChunkVerdict.Past;
        if (_held.Count == 0 && header.Sequence == (_begun ? _expected : 0))
        {
            Advance(header.Sequence);
            return ChunkVerdict.InOrder;
        }

        if (!_held.TryAdd(header.Sequence, new Waiting(delivery, header.CapturedAt)))
            return ChunkVerdict.Past;
        bytes.Add(delivery.Body.Length);
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

        uint sequence = _held.GetKeyAtIndex(0);
        if (!IsTurn(sequence, out afterSkip))
            return false;
        delivery = _held.GetValueAtIndex(0).Delivery;
        _held.RemoveAt(0);
        bytes.Remove(delivery.Body.Length);
        elsewhere = afterSkip && _mayHaveMissed;
        Advance(sequence);
        return true;
    }

    /// <summary>Stops waiting: all that is held may be taken.</summary>
    public void GiveUpWaiting() => _givenUp = _held.Count > 0;

    private bool IsTurn(uint sequence, out bool afterSkip)
    {
        afterSkip = false;
        if (sequence == (_begun ? _expected : 0))
            return true;
        Miss(_begun ? _expected : 0);
        if (!IsOverdue())
            return false;
        // What an earlier owner of the lane has used is no loss.
        afterSkip = _begun;
        BeganLate |= !_begun;
        return true;
    }

    private bool IsOverdue() => _givenUp || bytes.IsOver || (IsLateByMedia() && (OverdueIn is null || OverdueIn <= TimeSpan.Zero));

    private bool IsLateByMedia() =>
        limits.OfMedia(_mayHaveMissed) is { } late && _newest - _held.GetValueAtIndex(0).CapturedAt >= late.Ticks * NanosecondsPerTick;

    // What another gateway had in between does not come late either, but where the broker was away nobody knows whether one had it.
    private TimeSpan? JoinedAgainFor => _joinedAgainAt is { } at && (_isAfterOutage || !_mayHaveMissed) && limits.Time is { } time
        ? ChunkLimits.JoinedAgainWait - time.GetElapsedTime(at)
        : null;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private void Miss(uint sequence)
    {
        if (_missing == sequence || limits.Time is not { } time)
            return;
        (_missing, _missingSince) = (sequence, time.GetTimestamp());
    }

    private void Advance(uint sequence)
    {
        _begun = true;
        _missing = -1;
        _expected = sequence + 1;
        _mayHaveMissed = false;
    }

    private readonly record struct Waiting(MediaDelivery Delivery, long CapturedAt);
}
