using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using MassTransit;

namespace CallMirror.SipTracker.Rehearsing;

/// <summary>Counts sip-tracker's answers, as the capture that asked.</summary>
internal sealed class RehearsedCapture(int messages)
{
    private readonly TaskCompletionSource _allAnswered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _answers;

    /// <summary>Completes when every message has been answered.</summary>
    public Task AllAnswered => _allAnswered.Task;

    public void Answered()
    {
        if (Interlocked.Increment(ref _answers) == messages)
            _allAnswered.TrySetResult();
    }
}

/// <summary>Hears what sip-tracker says.</summary>
internal sealed class RehearsedCaptureConsumer(RehearsedCapture capture) : IConsumer<SipMessageHandled>, IConsumer<MediaNegotiated>, IConsumer<CallEnded>
{
    public Task Consume(ConsumeContext<SipMessageHandled> context)
    {
        capture.Answered();
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<MediaNegotiated> context) => Task.CompletedTask;

    public Task Consume(ConsumeContext<CallEnded> context) => Task.CompletedTask;
}
