using CallMirror.WsSink.Storage;
using CallMirror.WsSink.Telemetry;

namespace CallMirror.WsSink.Calls;

/// <summary>Makes the files of what has ended: a WAV a stream, and with the last of a call's streams its stereo WAV; the sidecar each time.</summary>
internal sealed partial class Finisher(SinkFolder folder, DiskRoom disk, bool wavFiles, SinkMetrics metrics, TimeProvider time, ILogger log) : IDisposable
{
    // Copying is work for the processor and the disk: more at once than there are processors gains nothing.
    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);

    /// <summary>A failure leaves the PCM and the part file, from which a later start of the sink makes the rest.</summary>
    public async Task FinishAsync(Call call, StoredStream stream, string reason, long? endPosition)
    {
        await _turns.WaitAsync();
        var began = time.GetTimestamp();
        var (record, events) = stream.Snapshot();
        var before = stream.EndedBefore is { Complete: true } ended && ended.EndsAt == record.EndsAt ? ended : null;
        record = before is null
            ? record with { EndReason = reason, EndPosition = endPosition == record.EndsAt ? null : endPosition }
            : record with { EndReason = before.EndReason, EndPosition = before.EndPosition };
        try
        {
            record = record with { Wav = MakeWav(record) };
            call.SetEnded(record, events);
            folder.WriteSidecar(WithStereo(call));
            File.Delete(folder.Part(stream.Tag));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (DiskRoom.IsWanting(e))
                disk.Wanting();
            else
                Log.NotFinished(log, stream.Tag, e);
            call.SetEnded(record, events);
        }
        finally
        {
            _turns.Release();
        }
        if (before is not null)
        {
            Log.EndedAgain(log, stream.Tag, reason);
            return;
        }

        var took = time.GetElapsedTime(began);
        metrics.StreamEnded(reason, took);
        if (!record.Complete)
        {
            Log.StreamBrokenOff(log, stream.Tag, reason, (double)record.Samples / record.SampleRate);
            return;
        }

        Log.StreamEnded(log, stream.Tag, reason, (double)record.Samples / record.SampleRate, record.FirstPosition, record.EndsAt,
            events.Length, record.Connections.Count, took.TotalMilliseconds);
    }

    public void Dispose() => _turns.Dispose();

    private string? MakeWav(StreamRecord stream)
    {
        var name = stream.Tag + ".wav";
        return wavFiles && WavWriter.TryMono(Part(stream), folder.In(name), stream.SampleRate) ? name : null;
    }

    private CallRecord WithStereo(Call call)
    {
        var record = call.ToRecord();
        // A stream without a role has the file that the stereo file would be.
        bool isBare = record.Streams.Any(stream => stream.Tag == record.Name);
        if (!call.AllEnded || !wavFiles || isBare)
            return record;
        if (record.Streams.Select(stream => stream.SampleRate).Distinct().Count() != 1)
        {
            Log.NoStereo(log, call.Name);
            return record;
        }
        var made = WavWriter.TryStereo(Part(record, 0), Part(record, 1), folder.Wav(call.Name), record.Streams[0].SampleRate);
        return made ? record with { StereoWav = call.Name + ".wav" } : record;
    }

    private PcmPart Part(CallRecord call, int role) =>
        call.Streams.FirstOrDefault(stream => stream.Role == role) is { } found ? Part(found) : PcmPart.None;

    private PcmPart Part(StreamRecord stream) => new(folder.Pcm(stream.Tag), stream.FirstPosition, stream.Samples);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information,
            "Stream {Tag} ended ({Reason}): {Seconds:F2} s, positions {First} to {End}, {Events} events, {Connections} connections, files made in {Took:F0} ms")]
        public static partial void StreamEnded(
            ILogger logger, string tag, string reason, double seconds, long first, long end, int events, int connections, double took);

        [LoggerMessage(LogLevel.Information, "Stream {Tag} was broken off ({Reason}) after {Seconds:F2} s; its sender can go on with it")]
        public static partial void StreamBrokenOff(ILogger logger, string tag, string reason, double seconds);

        [LoggerMessage(LogLevel.Information, "Stream {Tag} had ended already, and nothing came behind its end ({Reason})")]
        public static partial void EndedAgain(ILogger logger, string tag, string reason);

        [LoggerMessage(LogLevel.Error, "The files of stream {Tag} could not be made; its PCM is kept")]
        public static partial void NotFinished(ILogger logger, string tag, Exception exception);

        [LoggerMessage(LogLevel.Warning, "Call {Call} has streams of different sample rates: no stereo file")]
        public static partial void NoStereo(ILogger logger, string call);
    }
}
