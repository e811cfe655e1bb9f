using System.Threading.Channels;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Control;

namespace CallMirror.Capture.Control;

/// <summary>
/// What a live capture says on the control plane, in order, sent by a task of its own: packets don't wait for a broker that is away. Bounded;
/// what finds it full is for the caller to count.
/// </summary>
/// <param name="publisher">Publishes.</param>
/// <param name="maxBytes">Bytes of memory that messages may take until they are confirmed.</param>
internal sealed class ControlOutbox(InOrderPublisher publisher, long maxBytes) : IAsyncDisposable
{
    // Half an hour of the SIP of five hundred calls of a minute.
    private const int Length = 65_536;

    private const int MaxTogether = 64;

    // A message beside its payload: its strings and addresses, its envelope, and the question that waits for its answer.
    private const int BytesAround = 1536;

    // How long the last messages may take when the capture ends.
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(5);

    private readonly Channel<ControlMessage> _messages = Channel.CreateBounded<ControlMessage>(new BoundedChannelOptions(Length) { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _giveUp = new();
    private Task _sending = Task.CompletedTask;
    private long _bytes;

    /// <summary>Begins to send.</summary>
    public void Start() => _sending = Task.Run(SendAsync);

    /// <summary>False where it is full.</summary>
    public bool TryPut(object message, string? traceParent)
    {
        int bytes = BytesOf(message);
        bool hasRoom = Interlocked.Add(ref _bytes, bytes) <= maxBytes;
        if (hasRoom && _messages.Writer.TryWrite(new ControlMessage(message) { TraceParent = traceParent }))
            return true;
        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    /// <summary>Sends what is left, within five seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        _messages.Writer.TryComplete();
        _giveUp.CancelAfter(DrainTimeout);
        await _sending;
        _giveUp.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            while (await _messages.Reader.WaitToReadAsync(_giveUp.Token))
            {
                var together = Waiting();
                await publisher.PublishAsync(together, _giveUp.Token);
                Interlocked.Add(ref _bytes, -together.Sum(message => (long)BytesOf(message.Message)));
            }
        }
        catch (OperationCanceledException) when (_giveUp.IsCancellationRequested)
        {
            // The broker was away when the capture ended.
        }
    }

    private static int BytesOf(object message) => BytesAround + (message is SipMessageCaptured sip ? sip.Payload.Length : 0);

    private List<ControlMessage> Waiting()
    {
        var messages = new List<ControlMessage>();
        while (messages.Count < MaxTogether && _messages.Reader.TryRead(out var message))
            messages.Add(message);
        return messages;
    }
}
