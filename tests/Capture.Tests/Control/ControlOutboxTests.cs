using CallMirror.Capture.Control;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Control;
using MassTransit;

namespace CallMirror.Capture.Tests.Control;

public sealed class ControlOutboxTests
{
    private const long MaxBytes = 64 * 1024;

    [Fact]
    public async Task What_waits_is_bounded_by_the_memory_that_it_takes()
    {
        // It is never started: nobody takes anything.
        var publisher = new InOrderPublisher(Bus.Factory.CreateUsingInMemory(_ => { }), TimeProvider.System);
        await using var outbox = new ControlOutbox(publisher, MaxBytes);

        int large = 0;
        while (outbox.TryPut(Sip(bytes: 8 * 1024), traceParent: null))
            large++;
        int small = 0;
        while (outbox.TryPut(Sip(bytes: 100), traceParent: null))
            small++;

        Assert.InRange(large, 5, 7);
        Assert.InRange(small, 1, 5);
    }

    private static SipMessageCaptured Sip(int bytes) => new()
    {
        CaptureId = "capture",
        Sequence = 1,
        CallId = "call",
        CapturedAt = DateTimeOffset.UnixEpoch,
        Source = "192.0.2.1:5060",
        Destination = "192.0.2.2:5060",
        Transport = "udp",
        Payload = new byte[bytes],
    };
}
