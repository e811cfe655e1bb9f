using CallMirror.Messaging.RabbitMq;
using CallMirror.TestKit;
using FsCheck.Fluent;

namespace CallMirror.Messaging.Tests.RabbitMq;

public sealed class AckGrouperTests
{
    [Fact]
    public void All_that_is_settled_without_a_hole_is_one_acknowledgement() => Assert.Equal([new Ack(3, Multiple: true)], Acks(delivered: 5, [3, 1, 2]));

    [Fact]
    public void Behind_a_hole_each_is_acknowledged_alone() =>
        Assert.Equal([new Ack(1, Multiple: false), new Ack(3, Multiple: false), new Ack(4, Multiple: false)], Acks(delivered: 5, [4, 1, 3]));

    [Fact]
    public void A_delivery_counts_as_settled_once()
    {
        var grouper = new AckGrouper();
        grouper.Delivered(1);
        Assert.True(grouper.Settle(1));
        Assert.False(grouper.Settle(1));
        Assert.False(grouper.Settle(2));
        Assert.Equal(1, grouper.Count);
    }

    [Fact]
    public void What_is_not_settled_is_never_acknowledged_and_what_is_settled_is_once() =>
        Properties.Hold(Gen.Choose(0, 3).ListOf(200), steps => new Run().Play(steps));

    private static List<Ack> Acks(ulong delivered, ulong[] settled)
    {
        var grouper = new AckGrouper();
        for (ulong tag = 1; tag <= delivered; tag++)
            grouper.Delivered(tag);
        foreach (ulong tag in settled)
            Assert.True(grouper.Settle(tag));
        List<Ack> acks = [];
        grouper.Take(acks);
        return acks;
    }

    /// <summary>A broker that knows what it has delivered and believes every acknowledgement.</summary>
    private sealed class Run
    {
        private readonly AckGrouper _grouper = new();
        private readonly SortedSet<ulong> _unacknowledged = [];
        private readonly List<ulong> _unsettled = [];
        private ulong _tag;
        private uint _random = 1;

        public bool Play(IEnumerable<int> steps)
        {
            foreach (int step in steps)
                if (!(step switch { 0 or 1 => Deliver(), 2 => Settle(), _ => Take() }))
                    return false;
            while (_unsettled.Count > 0)
                Settle();
            return Take() && _unacknowledged.Count == 0 && _grouper.Count == 0;
        }

        private bool Deliver()
        {
            _grouper.Delivered(++_tag);
            _unacknowledged.Add(_tag);
            _unsettled.Add(_tag);
            return true;
        }

        private bool Settle()
        {
            if (_unsettled.Count == 0)
                return true;
            _random = (_random * 1664525) + 1013904223;
            int index = (int)((_random >> 8) % (uint)_unsettled.Count);
            ulong tag = _unsettled[index];
            _unsettled.RemoveAt(index);
            return _grouper.Settle(tag);
        }

        private bool Take()
        {
            List<Ack> acks = [];
            _grouper.Take(acks);
            foreach (var ack in acks)
            {
                // A broker closes the channel where it does not know the tag any more.
                if (!_unacknowledged.Contains(ack.Tag))
                    return false;
                if (ack.Multiple)
                    _unacknowledged.RemoveWhere(tag => tag <= ack.Tag);
                else
                    _unacknowledged.Remove(ack.Tag);
            }

            return _unacknowledged.SetEquals(_unsettled);
        }
    }
}
