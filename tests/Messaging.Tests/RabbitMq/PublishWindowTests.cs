using CallMirror.Contracts.Media;
using CallMirror.Messaging.RabbitMq;
using CallMirror.Messaging.Tests.InProcess;
using CallMirror.TestKit;
using FsCheck.Fluent;
using RabbitMQ.Client;

namespace CallMirror.Messaging.Tests.RabbitMq;

public sealed class PublishWindowTests
{
    [Fact]
    public void What_was_not_confirmed_is_sent_again_in_its_order_before_what_came_later()
    {
        var wire = new Wire(100);
        wire.Add(6);
        int epoch = wire.Window.Restart();
        Assert.Equal([0, 1, 2, 3], wire.Take(epoch, 4));
        Assert.Equal((6, 6 * wire.Messages[0].Bytes), wire.Window.Size);
        wire.Window.Confirm(epoch, 2, multiple: false);
        Assert.Equal((5, 5 * wire.Messages[0].Bytes), wire.Window.Size);
        epoch = wire.Window.Restart();
        Assert.Equal([0, 2, 3, 4, 5], wire.Take(epoch, 6));
        Assert.Equal((1, 3), (wire.Confirms, wire.Republishes));
    }

    [Fact]
    public void A_confirm_of_a_channel_of_the_past_counts_for_nothing()
    {
        var wire = new Wire(100);
        wire.Add(2);
        int old = wire.Window.Restart();
        wire.Take(old, 2);
        int epoch = wire.Window.Restart();
        wire.Take(epoch, 2);
        wire.Window.Confirm(old, 2, multiple: true);
        Assert.Equal(2, wire.Window.Count);
        wire.Window.Confirm(epoch, 2, multiple: true);
        Assert.Equal((0, 2), (wire.Window.Count, wire.GivenBack));
        Assert.True(wire.Window.WhenEmptyAsync().IsCompleted);
    }

    [Fact]
    public void A_message_that_the_broker_refuses_is_tried_again_and_then_dropped_and_counted()
    {
        var wire = new Wire(100);
        wire.Add(2);
        int epoch = wire.Window.Restart();
        wire.Take(epoch, 2);
        wire.Window.Confirm(epoch, 2, multiple: false);
        foreach (ulong number in (ulong[])[1, 3, 4])
        {
            wire.Window.Refuse(epoch, number, multiple: false);
            wire.Take(epoch, 1);
        }

        Assert.Equal(["refused-by-broker"], wire.Drops);
        Assert.Equal((0, 2), (wire.Window.Count, wire.GivenBack));
    }

    [Fact]
    public void A_full_window_of_live_packets_drops_the_oldest_that_is_not_sent()
    {
        var wire = new Wire(3, dropOldest: true);
        wire.Add(3);
        int epoch = wire.Window.Restart();
        Assert.Equal([0], wire.Take(epoch, 1));
        wire.Add(2);
        Assert.Equal([3, 4], wire.Take(epoch, 5));
        Assert.Equal(["window-full", "window-full"], wire.Drops);
        Assert.Equal((3, 2), (wire.Window.Count, wire.GivenBack));
    }

    [Fact]
    public void A_message_larger_than_the_whole_window_goes_alone()
    {
        var wire = new Wire(100, maxBytes: 3);
        wire.Add(1);
        Assert.False(wire.TryAdd());
        int epoch = wire.Window.Restart();
        wire.Take(epoch, 1);
        wire.Window.Confirm(epoch, 1, multiple: false);
        Assert.True(wire.TryAdd());
    }

    [Fact]
    public async Task Whoever_waits_for_a_message_given_up_does_not_take_it_for_confirmed()
    {
        var wire = new Wire(100);
        wire.Add(2);
        wire.Take(wire.Window.Restart(), 1);
        wire.Window.Abandon();
        Assert.Equal((0, 2), (wire.Window.Count, wire.GivenBack));
        foreach (var message in wire.Messages)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => message.Settled);
    }

    [Fact]
    public void Whatever_happens_each_message_is_confirmed_or_still_there_in_order_and_within_bounds() =>
        Properties.Hold(Gen.Choose(0, 9).ListOf(300), steps => new Run().Play(steps));

    /// <summary>A window and what a broker makes of it.</summary>
    private sealed class Wire : IPublishWindowLog
    {
        private readonly List<MediaBuffer> _buffers = [];

        public Wire(int maxMessages, bool dropOldest = false, long maxBytes = 1 << 20) => Window = new(maxMessages, maxBytes, dropOldest, this);

        public PublishWindow Window { get; }

        public List<Outgoing> Messages { get; } = [];

        public int Confirms { get; private set; }

        public int Republishes { get; private set; }

        public List<string> Drops { get; } = [];

        public int GivenBack => _buffers.Count(BusFixture.IsGivenBack);

        public bool TryAdd()
        {
            var buffer = BusProcess.Make(Messages.Count);
            var message = new Outgoing("exchange", "key", new BasicProperties(), buffer);
            if (!Window.TryAdd(message, out _))
                return false;
            Messages.Add(message);
            _buffers.Add(buffer);
            return true;
        }

        public void Add(int count)
        {
            for (int i = 0; i < count; i++)
                Assert.True(TryAdd());
        }

        /// <summary>Sends up to so many; returns what they hold.</summary>
        public List<int> Take(int epoch, int count)
        {
            List<int> contents = [];
            while (contents.Count < count && Window.TryTake(epoch, now: 0, out var message, out _))
                contents.Add(BitConverter.ToInt32(message.Body.Span));
            return contents;
        }

        void IPublishWindowLog.Confirmed(Outgoing message) => Confirms++;

        void IPublishWindowLog.Republished(Outgoing message) => Republishes++;

        void IPublishWindowLog.Dropped(Outgoing message, string reason) => Drops.Add(reason);
    }

    private sealed class Run
    {
        private const int Max = 8;

        private readonly Wire _wire = new(Max);
        private readonly SortedSet<int> _confirmed = [];
        private List<int> _onChannel = [];
        private int _epoch;

        public bool Play(IEnumerable<int> steps)
        {
            _epoch = _wire.Window.Restart();
            foreach (int step in steps)
                if (!Do(step) || _wire.Window.Count > Max || _wire.Messages.Count - _confirmed.Count != _wire.Window.Count)
                    return false;
            Reconnect();
            _onChannel.AddRange(_wire.Take(_epoch, int.MaxValue));
            return _onChannel.SequenceEqual(Enumerable.Range(0, _wire.Messages.Count).Except(_confirmed)) && _wire.GivenBack == _confirmed.Count;
        }

        private bool Do(int step)
        {
            switch (step)
            {
                case <= 3:
                    return _wire.TryAdd() || _wire.Window.Count == Max;
                case <= 6:
                    _onChannel.AddRange(_wire.Take(_epoch, 2));
                    break;
                case 7 when _onChannel.Count > 0:
                    Confirm(_onChannel.Count, multiple: false);
                    break;
                case 8 when _onChannel.Count > 0:
                    Confirm((_onChannel.Count + 1) / 2, multiple: true);
                    break;
                case 9:
                    Reconnect();
                    break;
            }

            return true;
        }

        private void Confirm(int number, bool multiple)
        {
            _wire.Window.Confirm(_epoch, (ulong)number, multiple);
            _confirmed.UnionWith(multiple ? _onChannel.Take(number) : [_onChannel[number - 1]]);
        }

        private void Reconnect() => (_epoch, _onChannel) = (_wire.Window.Restart(), []);
    }
}
