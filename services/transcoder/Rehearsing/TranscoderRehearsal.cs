using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Media;
using CallMirror.Messaging.Rehearsing;

namespace CallMirror.Transcoder.Rehearsing;

/// <summary>Plays the batches of a made-up call through the transcoder.</summary>
internal static class TranscoderRehearsal
{
    private const string Group = "rehearsal";
    private const int Batches = 30;
    private const int SamplesInBatch = 800;
    private const int SampleRate = 8000;
    private static readonly CallKey Call = new("rehearsal", 1_000_000_000);

    public static Task PlayAsync(CancellationToken cancellationToken) => Rehearsal.PlayAsync(services => services.AddTranscoder(), PlayAsync, cancellationToken);

    private static async Task PlayAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var bus = services.GetRequiredService<IMediaBus>();
        await bus.OpenLaneAsync(Group, Call, cancellationToken);
        await using var lane = await bus.ConsumeLaneAsync(Group, Call, cancellationToken);
        for (int i = 0; i < Batches; i++)
        {
            await bus.PublishBatchAsync(Call.CallId, Batch(i, i % 2 == 0 ? MediaCodec.Pcma : MediaCodec.Pcmu), cancellationToken);
            if (await lane.ReadAsync(cancellationToken) is { } chunk)
                await lane.AcknowledgeAsync(chunk, cancellationToken);
        }
    }

    private static MediaBuffer Batch(int number, MediaCodec codec)
    {
        var buffer = new MediaBuffer();
        var writer = new MediaMessageWriter(buffer, RehearsedMedia.Header(MediaKind.RtpBatch, Call, number, SampleRate), Call.CallId);
        long position = (long)number * SamplesInBatch;
        for (byte role = 0; role < 2; role++)
        {
            writer.BeginSection(role, SectionFlags.Open, position + SamplesInBatch);
            writer.BeginRun(new RunHeader { Position = position, Ssrc = role, Timestamp = (uint)position, Codec = codec });
            writer.AppendPayload(SamplesInBatch).Fill((byte)number);
        }

        return buffer;
    }
}
