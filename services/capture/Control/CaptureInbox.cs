using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;

namespace CallMirror.Capture.Control;

/// <summary>What sip-tracker has said and the capture loop has not yet applied, in order. A full inbox makes the sender wait.</summary>
public sealed class CaptureInbox
{
    private const int Length = 4096;

    private readonly Channel<object> _messages = Channel.CreateBounded<object>(
        new BoundedChannelOptions(Length) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>A call event or a <see cref="SipMessageHandled"/> has come.</summary>
    public ValueTask PutAsync(object message, CancellationToken cancellationToken) => _messages.Writer.WriteAsync(message, cancellationToken);

    /// <summary>The next call event or answer that is there already.</summary>
    public bool TryTake([NotNullWhen(true)] out object? message) => _messages.Reader.TryRead(out message);

    /// <summary>Hands all call events to <paramref name="apply"/> until the answer to a SIP message has come.</summary>
    public async Task TakeUntilAnswerAsync(string captureId, long sequence, Action<CallEvent> apply, CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (await _messages.Reader.ReadAsync(cancellationToken))
            {
                case CallEvent callEvent:
                    apply(callEvent);
                    break;
                case SipMessageHandled handled when handled.CaptureId == captureId && handled.Sequence >= sequence:
                    return;
            }
        }
    }
}
