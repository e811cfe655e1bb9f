using System.Security.Cryptography;
using CallMirror.Capture.Control;
using CallMirror.Capture.Engine;
using CallMirror.Capture.Hearing;
using CallMirror.Capture.Sources;
using CallMirror.Capture.Streams;
using CallMirror.Capture.Tracing;
using CallMirror.Capture.Windows;
using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Sip;
using CallMirror.Contracts.Tracing;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.Media;
using CallMirror.ServiceDefaults.Telemetry;
using MassTransit;
using Microsoft.Extensions.Options;

namespace CallMirror.Capture;

/// <summary>
/// Carries out what <see cref="CaptureEngine"/> decides: reads a source, publishes SIP, batches and figures, applies call events. A live source
/// never waits for sip-tracker; a file waits for whatever is behind, sip-tracker's answer included, and so gives the same bytes at any speed.
/// </summary>
public sealed partial class CaptureLoop(
    IOptions<CaptureOptions> options, IOptions<TracingOptions> tracing, CaptureInbox inbox, IMediaBus mediaBus, IBus bus, InOrderPublisher publisher, TimeProvider time,
    CaptureMetrics metrics, MirrorWatch mirror, ILogger<CaptureLoop> logger)
{
    private const int PacketsPerTurn = 256;
    private const long NanosecondsPerTick = 100;

    // Packets reach the reader a little after their time; a clock that runs ahead of them would close their window before they are in it.
    private const long LiveLagNs = 50_000_000;
    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(2);

    // Where no packet has come for a while none of a call that talks is waited for, and to look at a quiet line all the time would cost a tenth of a processor.
    private static readonly TimeSpan QuietAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan QuietWait = TimeSpan.FromMilliseconds(25);

    private readonly string _captureId = Guid.NewGuid().ToString("N");
    private readonly uint _sourceNumber = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
    private readonly CaptureSpans _spans = new(tracing, time);
    private readonly WindowPace _pace = new(options.Value.Window, options.Value.LongestWindow);
    private long _paced;
    private long _packetsRead;
    private long _heardAt;
    private CaptureEngine? _engine;
    private IPacketSource? _source;
    private ControlOutbox? _outbox;

    /// <summary>What became of the packets so far; null before the capture has begun.</summary>
    public CaptureCounters? Counters => _engine?.Counters;

    internal CaptureEngine? Engine => _engine;

    internal MirrorWatch Mirror => mirror;

    // As far as a live source has been read at the least, if nobody is late.
    private long LiveNs => CaptureTime.ToNanoseconds(time.GetUtcNow()) - LiveLagNs;

    /// <summary>How far the source has been read.</summary>
    public SourceFigures Figures => _source?.Figures ?? default;

    /// <summary>
    /// Captures until the source ends, or until <paramref name="stopping"/>: then flushes, ends the calls that are up, and returns.
    /// Everything captured has been handed to the media bus when it returns, also when the source breaks.
    /// </summary>
    /// <exception cref="CaptureException">The source broke, or sip-tracker does not answer.</exception>
    public async Task RunAsync(IPacketSource source, CancellationToken stopping, CancellationToken abort)
    {
        var engine = new CaptureEngine(options.Value, _captureId, _sourceNumber, isFile: !source.IsLive);
        (_source, _engine) = (source, engine);
        _heardAt = time.GetTimestamp();
        metrics.Follow(this);
        mirror.Begin(source);
        await using var outbox = new ControlOutbox(publisher, options.Value.ControlBytes);
        if (source.IsLive)
            (_outbox = outbox).Start();
        try
        {
            await ReadAsync(engine, source, stopping, abort);
        }
        finally
        {
            await HearOutAsync(engine, source, abort);
            engine.Finish(stopping.IsCancellationRequested ? EndReason.Stopped : EndReason.EndOfCapture);
            await CarryOutAsync(engine, waitForAnswers: false, abort);
            var (packets, drops) = (source.Figures.Packets, Drops(engine.Counters));
            LogFinished(packets, engine.Counters.Rtp, engine.Counters.Sip, drops);
        }
    }

    private async Task ReadAsync(CaptureEngine engine, IPacketSource source, CancellationToken stopping, CancellationToken abort)
    {
        while (!stopping.IsCancellationRequested)
        {
            if (source.IsLive)
            {
                ApplyEvents(engine);
                SetWindow(engine);
                mirror.Look(engine, source);
            }

            // The clock comes before the source: what comes while it is asked has to be read first.
            long liveNs = LiveNs;
            var status = ReadTurn(engine, source);
            if (engine.HasEffects)
                await CarryOutAsync(engine, waitForAnswers: true, abort);
            if (status == SourceStatus.End)
                return;
            if (status != SourceStatus.Idle)
                continue;
            if (source.IsLive)
                engine.Tick(liveNs);
            await IdleAsync(source, stopping);
        }
    }

    // A live capture that stops has read packets whose calls sip-tracker is about to name.
    private async Task HearOutAsync(CaptureEngine engine, IPacketSource source, CancellationToken abort)
    {
        if (!source.IsLive)
            return;
        long from = time.GetTimestamp();
        await CarryOutAsync(engine, waitForAnswers: false, abort);
        while (engine.IsWaiting && time.GetElapsedTime(from) < options.Value.LastAnswersWithin && !abort.IsCancellationRequested)
        {
            await Task.Delay(IdleWait, time, abort).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ApplyEvents(engine);
            await CarryOutAsync(engine, waitForAnswers: false, abort);
        }
    }

    // Reads until there is something to carry out: SIP of a file has to be answered before the packet after it is looked at.
    private static SourceStatus ReadTurn(CaptureEngine engine, IPacketSource source)
    {
        for (int i = 0; i < PacketsPerTurn && !engine.HasEffects; i++)
        {
            var status = source.TryRead(out var packet);
            if (status != SourceStatus.Packet)
                return status;
            engine.Accept(packet.Link, packet.Frame, packet.TimeNs);
        }

        return SourceStatus.Packet;
    }

    private async Task IdleAsync(IPacketSource source, CancellationToken stopping)
    {
        if (source.Figures.Packets != _packetsRead)
            (_packetsRead, _heardAt) = (source.Figures.Packets, time.GetTimestamp());
        bool isQuiet = source.IsLive && time.GetElapsedTime(_heardAt) > QuietAfter;
        try
        {
            await Task.Delay(isQuiet ? QuietWait : IdleWait, time, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The loop ends at its condition.
        }
    }

    private void ApplyEvents(CaptureEngine engine)
    {
        while (inbox.TryTake(out object? message))
        {
            if (message is CallEvent callEvent)
                engine.Apply(callEvent);
            else if (message is SipMessageHandled handled && handled.CaptureId == _captureId)
                engine.Answered(handled.CallId, handled.Sequence);
        }
    }

    private void SetWindow(CaptureEngine engine)
    {
        if (time.GetElapsedTime(_paced) < WindowPace.Period)
            return;
        _paced = time.GetTimestamp();
        var (publishing, reading) = (mediaBus.PublishLag, ReadLag(engine.NowNs));
        _pace.Heard(publishing > reading ? publishing : reading);
        engine.Window = _pace.Window;
    }

    // Packets that wait to be read say that the machine has too much to do, as confirms that don't come say it of the broker.
    private TimeSpan ReadLag(long readNs) =>
        readNs == long.MinValue ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(0, LiveNs - readNs) / NanosecondsPerTick);

    // What is flushed at the end changes by no answer, and sip-tracker may just have been given up.
    private async Task CarryOutAsync(CaptureEngine engine, bool waitForAnswers, CancellationToken abort)
    {
        while (engine.TryTakeEffect(out var effect))
        {
            if (effect.Batch is { } batch)
                await PublishAsync(engine, effect.CallId!, batch, abort);
            else if (effect.Sip is { } sip)
                await AskAsync(engine, sip, sip.CallId, sip.Sequence, waitForAnswers, abort);
            else if (effect.Found is { } found)
                await AskAsync(engine, found, found.CallId, found.Sequence, waitForAnswers, abort);
            else if (effect.Running is { } running)
                await AskAsync(engine, running, running.CallId, running.Sequence, waitForAnswers, abort);
            else if (effect.Quality is { } quality)
                await MeasuredAsync(engine, quality, effect, abort);
            else if (effect.Ended is { } ended)
                await TellAsync(engine, ended, TraceParent(ended, effect), abort);
            else if (effect.Figures is { } figures)
                LogCall(figures, EndReasons.Word(figures.Reason), figures.Caller, figures.Callee);
        }
    }

    private ValueTask PublishAsync(CaptureEngine engine, string callId, MediaBuffer batch, CancellationToken abort)
    {
        _spans.Sample(callId, batch, engine.NowNs, _source is { IsLive: true });
        return mediaBus.PublishBatchAsync(callId, batch, abort);
    }

    private Task MeasuredAsync(CaptureEngine engine, StreamQuality quality, CaptureEffect effect, CancellationToken abort)
    {
        CaptureSpans.StreamEnded(quality, effect.EpochNs, effect.FirstPacketNs);
        return TellAsync(engine, quality, TraceParent(quality, effect), abort);
    }

    private static string TraceParent(CallEvent callEvent, CaptureEffect effect) => CallTrace.Of(callEvent.CallId, effect.EpochNs).TraceParent;

    private async Task TellAsync<T>(CaptureEngine engine, T message, string? traceParent, CancellationToken abort)
        where T : class
    {
        if (_outbox is null)
            await bus.PublishUntilConfirmedAsync(message, traceParent, time, abort);
        else if (!_outbox.TryPut(message, traceParent))
            engine.Counters.Drop(DropReason.OutboxFull);
    }

    private async Task AskAsync<T>(CaptureEngine engine, T message, string callId, long sequence, bool waitForAnswer, CancellationToken abort)
        where T : class
    {
        if (_outbox is null)
            await bus.PublishUntilConfirmedAsync(message, traceParent: null, time, abort);
        else if (!_outbox.TryPut(message, traceParent: null))
            Unheard(engine, callId, sequence);
        if (_outbox is not null || !waitForAnswer)
            return;
        using var timeout = new CancellationTokenSource(options.Value.AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, abort);
        try
        {
            await inbox.TakeUntilAnswerAsync(_captureId, sequence, engine.Apply, either.Token);
            engine.Answered(callId, sequence);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new CaptureException($"sip-tracker has not answered within {options.Value.AnswerTimeout.TotalSeconds:0} s");
        }
    }

    // What sip-tracker never hears of it can't answer.
    private static void Unheard(CaptureEngine engine, string callId, long sequence)
    {
        engine.Counters.Drop(DropReason.OutboxFull);
        engine.Answered(callId, sequence);
    }

    private static string Drops(CaptureCounters counters) =>
        string.Join(", ", counters.Drops().Select(drop => $"{drop.Count} {drop.Reason}").DefaultIfEmpty("none"));

    private void LogCall(CallFigures call, string reason, in StreamCounts caller, in StreamCounts callee) => LogCall(
        call.CallId, reason, call.Duration.TotalSeconds,
        caller.Packets, caller.Lost, caller.Late, caller.Samples, callee.Packets, callee.Lost, callee.Late, callee.Samples);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Call {CallId} captured ({Reason}, {Seconds:0.0} s): caller {CallerPackets} packets, {CallerLost} lost, {CallerLate} late, {CallerSamples} samples; "
            + "callee {CalleePackets} packets, {CalleeLost} lost, {CalleeLate} late, {CalleeSamples} samples")]
    private partial void LogCall(
        string callId, string reason, double seconds, long callerPackets, long callerLost, long callerLate, long callerSamples,
        long calleePackets, long calleeLost, long calleeLate, long calleeSamples);

    [LoggerMessage(Level = LogLevel.Information, Message = "capture ended: {Packets} packets, {Rtp} RTP and {Sip} SIP taken; dropped: {Drops}")]
    private partial void LogFinished(long packets, long rtp, long sip, string drops);
}
