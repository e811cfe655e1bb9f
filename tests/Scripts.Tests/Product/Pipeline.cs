using CallMirror.Capture;
using CallMirror.Capture.Engine;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Scripts.Tests.Scripts;
using CallMirror.Scripts.Tests.Wire;
using CallMirror.SipTracker.Calls;

namespace CallMirror.Scripts.Tests.Product;

/// <summary>
/// The one place where the scripts touch the product: capture's engine and sip-tracker's tracker, frames in, audio out, no bus and no clock between them.
/// sip-tracker's answers come back before the next packet, as for a file, or a delay of packets' time later, as live: those of one call in their order, those
/// of different calls in any.
/// </summary>
internal sealed class Pipeline
{
    private const uint Source = 7;
    private const long NsPerMs = 1_000_000;

    // Some twenty times all packets of a script: of the usual 64 MiB nearly all would only be cleared, thirty thousand times.
    private const int RingBytes = 4 * 1024 * 1024;

    private readonly CaptureEngine _engine;
    private readonly CallTracker _tracker = new();
    private readonly PriorityQueue<Answer, (long DueNs, int Order)> _answers = new();
    private readonly Dictionary<string, long> _lastDueNs = [];
    private readonly Dictionary<StreamName, HeardStream> _heard = [];
    private readonly Dice _dice;
    private readonly int _delayMs;
    private int _order;
    private bool _isLive;

    private Pipeline(int delayMs, int seed)
    {
        var options = new CaptureOptions { UnclaimedBytes = RingBytes };
        (_engine, _delayMs, _dice) = (new CaptureEngine(options, "script", Source), delayMs, Dice.Of(seed, delayMs));
    }

    private sealed record Answer(IReadOnlyList<object> Events, string CallId, long Sequence);

    /// <summary>All streams that come of the frames.</summary>
    public static IReadOnlyDictionary<StreamName, HeardStream> Run(IEnumerable<Frame> frames, int delayMs, int seed)
    {
        var pipeline = new Pipeline(delayMs, seed);
        foreach (var frame in frames)
        {
            pipeline.DeliverUntil(frame.TimeNs);
            pipeline._engine.Accept(frame.Link, frame.Bytes, frame.TimeNs);
            pipeline.CarryOut();
        }

        pipeline.DeliverUntil(long.MaxValue);
        pipeline._engine.Finish(EndReason.EndOfCapture);
        pipeline.CarryOut();
        return pipeline._heard;
    }

    /// <summary>All streams that come of the frames where they are read as a busy machine reads them from an interface.</summary>
    public static IReadOnlyDictionary<StreamName, HeardStream> RunLive(
        IReadOnlyList<Frame> frames, int delayMs, int seed, BusyReader reader)
    {
        var pipeline = new Pipeline(delayMs, seed);
        pipeline._isLive = true;
        reader.Read(frames, pipeline.Accept, pipeline.Tick, pipeline.SetWindow);
        pipeline.DeliverUntil(long.MaxValue);
        pipeline._engine.Finish(EndReason.EndOfCapture);
        pipeline.CarryOut();
        return pipeline._heard;
    }

    private void Accept(Frame frame)
    {
        DeliverUntil(frame.TimeNs);
        _engine.Accept(frame.Link, frame.Bytes, frame.TimeNs);
        CarryOut();
    }

    private void Tick(long nowNs)
    {
        DeliverUntil(nowNs);
        _engine.Tick(nowNs);
        CarryOut();
    }

    private void SetWindow(TimeSpan window) => _engine.Window = window;

    private void DeliverUntil(long nowNs)
    {
        while (_answers.TryPeek(out _, out var due) && due.DueNs <= nowNs)
        {
            // What is told after the last packet makes no time pass: the end of the capture is where it was. Live, a packet of before may still
            // be on its way.
            if (nowNs != long.MaxValue && !_isLive)
                _engine.Advance(due.DueNs);
            CarryOut();
            Deliver(_answers.Dequeue());
            CarryOut();
        }
    }

    private void Deliver(Answer answer)
    {
        foreach (var callEvent in answer.Events.OfType<CallEvent>())
            _engine.Apply(callEvent);
        _engine.Answered(answer.CallId, answer.Sequence);
    }

    private void CarryOut()
    {
        while (_engine.TryTakeEffect(out var effect))
        {
            if (effect.Batch is { } batch)
                Take(batch);
            else if (effect.Sip is { } sip)
                AnswerWith(_tracker.Handle(sip), sip.CallId, sip.Sequence);
            else if (effect.Found is { } found)
                AnswerWith(_tracker.Handle(found), found.CallId, found.Sequence);
            else if (effect.Running is { } running)
                AnswerWith(_tracker.Handle(running), running.CallId, running.Sequence);
            else if (effect.Ended is { } ended)
                _tracker.Handle(ended);
        }
    }

    private void AnswerWith(IReadOnlyList<object> events, string callId, long sequence)
    {
        var answer = new Answer(events, callId, sequence);
        if (_delayMs == 0)
        {
            Deliver(answer);
            return;
        }

        long dueNs = _engine.NowNs + (_delayMs + _dice.Between(0, _delayMs / 3)) * NsPerMs;
        dueNs = Math.Max(dueNs, _lastDueNs.GetValueOrDefault(callId));
        _lastDueNs[callId] = dueNs;
        _answers.Enqueue(answer, (dueNs, _order++));
    }

    private void Take(MediaBuffer batch)
    {
        using (batch)
        {
            Assert.True(MediaMessage.TryParse(batch.Memory.Span, out var message, out _));
            foreach (var section in message)
                Take(new StreamName(message.CallId, message.Header.Epoch, section.Role), section);
        }
    }

    private void Take(StreamName name, MediaSection section)
    {
        if (!_heard.TryGetValue(name, out var stream))
            _heard[name] = stream = new HeardStream();
        foreach (var run in section.Runs)
            if (run.Header.Flags != RunFlags.History)
                stream.Add(run.Header.Position, run.Payload);
        foreach (var mark in section.Marks)
        {
            if (mark.Kind == MarkKind.End)
                stream.End(mark.Position, (EndReason)mark.Code);
            else if (mark.Kind == MarkKind.Dtmf)
                stream.Digits.Add(mark.Code);
        }
    }
}
