using CallMirror.Messaging.InProcess;
using CallMirror.Messaging.Media;
using CallMirror.TestKit;

namespace CallMirror.Messaging.Tests.InProcess;

/// <summary>Whatever is published, read, dropped and deleted in whatever order, each message's memory is given back exactly once.</summary>
public sealed class LeakTests
{
    private static readonly string[] Groups = ["one", "two"];
    private static readonly string[] Calls = ["a", "b"];

    [Fact]
    public void No_message_is_leaked() =>
        Properties.Hold<(byte[] Steps, bool Wait)>(drawn =>
        {
            using var run = new Run(drawn.Wait ? WhenFull.Wait : WhenFull.DropOldest);
            foreach (byte step in drawn.Steps)
                run.Do(step);
            run.End();
            Assert.Equal(run.Fixture.MadeCount, run.Fixture.GivenBackCount());
        });

    private sealed class Run(WhenFull whenFull) : IDisposable
    {
        private readonly Dictionary<string, IMediaConsumer> _consumers = [];
        private readonly Queue<(IMediaConsumer Consumer, MediaDelivery Delivery)> _unsettled = [];
        private readonly List<Task> _publishing = [];

        public BusFixture Fixture { get; } = new(workQueue: 2, lane: 2, whenFull);

        public void Do(byte step)
        {
            string group = Groups[step & 1];
            string call = Calls[(step >> 1) & 1];
            switch ((step >> 2) % 6)
            {
                case 0:
                    Now(Fixture.Bus.OpenLaneAsync(group, Key(call), CancellationToken.None).AsTask());
                    _consumers[group + call] = Now(Fixture.Bus.ConsumeLaneAsync(group, Key(call), CancellationToken.None).AsTask());
                    break;
                case 1 when step > 200:
                    Now(Fixture.Bus.DeleteLaneAsync(group, Key(call), CancellationToken.None).AsTask());
                    break;
                case 2:
                    _publishing.Add(Fixture.PublishBatchAsync(step, CancellationToken.None).AsTask());
                    break;
                case 3:
                    Read(Now(Fixture.Bus.ConsumeBatchesAsync(CancellationToken.None).AsTask()));
                    break;
                case 4 when _consumers.TryGetValue(group + call, out var consumer):
                    Read(consumer);
                    break;
                default:
                    _publishing.Add(Fixture.PublishChunkAsync(step, call, CancellationToken.None).AsTask());
                    break;
            }
        }

        public void End()
        {
            while (_unsettled.TryDequeue(out var read))
                Now(read.Consumer.AcknowledgeAsync(read.Delivery, CancellationToken.None).AsTask());
            Fixture.Bus.Dispose();
            Now(Task.WhenAll(_publishing));
        }

        public void Dispose() => Fixture.Dispose();

        private void Read(IMediaConsumer consumer)
        {
            using var impatient = new CancellationTokenSource();
            var reading = consumer.ReadAsync(impatient.Token).AsTask();
            impatient.Cancel();
            if (reading.IsCompletedSuccessfully && Now(reading) is { } delivery)
                _unsettled.Enqueue((consumer, delivery));
        }

        // FsCheck's properties are synchronous; all awaited here completes by itself.
        private static void Now(Task task) => task.GetAwaiter().GetResult();

        private static T Now<T>(Task<T> task) => task.GetAwaiter().GetResult();
    }
}
