using CallMirror.Capture.Synthetic;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using MassTransit;

namespace CallMirror.Capture.Rehearsing;

/// <summary>Says of made-up calls what sip-tracker would.</summary>
internal sealed class RehearsedTracker : IConsumer<SipMessageCaptured>
{
    public async Task Consume(ConsumeContext<SipMessageCaptured> context)
    {
        var message = context.Message;
        if (message.Payload.AsSpan().StartsWith("INVITE"u8) && LoadCall.TryParseId(message.CallId, out int call))
        {
            var negotiated = Negotiated(call, message);
            await context.Publish(negotiated, context.CancellationToken);
            await context.Publish(new CallAnswered { CallId = negotiated.CallId, StartedAt = negotiated.StartedAt, At = negotiated.At }, context.CancellationToken);
        }

        await context.Publish(
            new SipMessageHandled { CaptureId = message.CaptureId, Sequence = message.Sequence, CallId = message.CallId }, context.CancellationToken);
    }

    private static MediaNegotiated Negotiated(int call, SipMessageCaptured invite)
    {
        var (caller, callee) = (LoadSip.CallerMedia(call).ToString(), LoadSip.CalleeMedia(call).ToString());
        PayloadFormat[] formats = [new PayloadFormat { PayloadType = 8, Encoding = "PCMA", ClockRate = 8000 }];
        return new MediaNegotiated
        {
            CallId = invite.CallId,
            StartedAt = invite.CapturedAt,
            At = invite.CapturedAt,
            Version = 1,
            Streams =
            [
                new NegotiatedStream { Role = 0, Sender = caller, Receiver = callee, Formats = formats },
                new NegotiatedStream { Role = 1, Sender = callee, Receiver = caller, Formats = formats },
            ],
        };
    }
}
