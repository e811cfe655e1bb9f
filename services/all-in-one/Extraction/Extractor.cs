using CallMirror.AllInOne.Reporting;
using CallMirror.Capture;
using CallMirror.Capture.Engine;
using CallMirror.Capture.Sources;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.SipTracker;
using CallMirror.SipTracker.Calls;

namespace CallMirror.AllInOne.Extraction;

/// <summary>
/// Writes each stream of a capture as it was captured. The engine of capture and the tracker's are called one after the other, with no bus between
/// them: what comes out is what the services would see.
/// </summary>
internal sealed class Extractor : IDisposable
{
    private readonly CaptureEngine _engine;
    private readonly CallTracker _tracker = new(new SipTrackerOptions());
    private readonly Dictionary<(CallKey Call, int Role), ExtractedStream> _open = [];
    private readonly string _folder;

    /// <summary>Extracts into a folder that is there.</summary>
    public Extractor(string folder, CaptureOptions options)
    {
        _folder = folder;
        _engine = new CaptureEngine(options, "extract", source: 0, isFile: true);
    }

    /// <summary>What became of the packets.</summary>
    public CaptureCounters Counters => _engine.Counters;

    /// <summary>The calls that were seen, in the order in which they began.</summary>
    public CallLedger Ledger { get; } = new();

    /// <summary>How the calls that were still up have ended.</summary>
    public EndReason Ended { get; private set; } = EndReason.EndOfCapture;

    /// <summary>Reads the source to its end; what was read until it broke or was stopped is kept.</summary>
    /// <exception cref="CaptureException">The source broke.</exception>
    public void Run(IPacketSource source, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested && source.TryRead(out var packet) == SourceStatus.Packet)
            {
                _engine.Accept(packet.Link, packet.Frame, packet.TimeNs);
                if (_engine.HasEffects)
                    CarryOut();
            }
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested)
                Ended = EndReason.Stopped;
            _engine.Finish(Ended);
            CarryOut();
        }
    }

    /// <summary>Completes what is still open.</summary>
    public void Dispose()
    {
        foreach (var stream in _open.Values)
            stream.Dispose();
    }

    private void CarryOut()
    {
        while (_engine.TryTakeEffect(out var effect))
        {
            if (effect.Sip is { } sip)
                Answer(_tracker.Handle(sip), sip.CallId, sip.Sequence);
            else if (effect.Found is { } found)
                Answer(_tracker.Handle(found), found.CallId, found.Sequence);
            else if (effect.Running is { } running)
                Answer(_tracker.Handle(running), running.CallId, running.Sequence);
            else if (effect.Ended is { } ended)
                End(ended);
            else if (effect.Quality is { } quality)
                Ledger.Add(quality);
            else if (effect.Batch is { } batch)
                Write(batch);
        }
    }

    private void Answer(IReadOnlyList<object> events, string callId, long sequence)
    {
        foreach (object each in events)
        {
            if (each is not CallEvent callEvent)
                continue;
            Ledger.Add(callEvent);
            _engine.Apply(callEvent);
        }

        _engine.Answered(callId, sequence);
    }

    private void End(CallEnded ended)
    {
        Ledger.Add(ended);
        _tracker.Handle(ended);
    }

    private void Write(MediaBuffer batch)
    {
        using (batch)
        {
            // The engine wrote it; that it does not parse would be a defect of ours.
            if (!MediaMessage.TryParse(batch.Span, out var message, out var error))
                throw new InvalidOperationException($"capture made a message that does not parse: {error}");
            var call = new CallKey(message.CallId, message.Header.Epoch);
            foreach (var section in message)
                Write(call, section);
        }
    }

    private void Write(in CallKey call, MediaSection section)
    {
        foreach (var run in section.Runs)
        {
            if (!run.Header.Flags.HasFlag(RunFlags.History))
                Stream(call, section.Role).Append(run.Header, run.Payload);
        }

        foreach (var mark in section.Marks)
        {
            if (mark.Kind == MarkKind.End && _open.Remove((call, section.Role), out var ended))
                ended.Dispose();
        }
    }

    private ExtractedStream Stream(in CallKey call, int role)
    {
        if (!_open.TryGetValue((call, role), out var stream))
            _open[(call, role)] = stream = new ExtractedStream(_folder, StreamTag.ForTake(StreamTag.For(call.CallId, role), Ledger.TakeOf(call)));
        return stream;
    }
}
