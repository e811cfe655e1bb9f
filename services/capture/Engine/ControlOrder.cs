namespace CallMirror.Capture.Engine;

/// <summary>What all messages of one capture to sip-tracker share: who sends them, and one order.</summary>
internal sealed class ControlOrder(string captureId)
{
    private long _last;

    public string CaptureId { get; } = captureId;

    /// <summary>The number of the next message, from 1.</summary>
    public long Next() => ++_last;
}
