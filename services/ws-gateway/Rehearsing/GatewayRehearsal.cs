using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.Media;
using CallMirror.Messaging.Rehearsing;
using MassTransit;

namespace CallMirror.WsGateway.Rehearsing;

/// <summary>Plays made-up calls through a gateway, to a listener in the same process.</summary>
internal static class GatewayRehearsal
{
    private const string Group = "rehearsal";
    private const int Calls = 4;
    private const int ChunksOfEach = 6;
    private const int SampleRate = 16_000;
    private const int SamplesInChunk = 1600;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public static async Task PlayAsync(CancellationToken cancellationToken)
    {
        await using var listener = new RehearsedListener();
        await Rehearsal.PlayAsync(services => Add(services, listener.Url), PlayAsync, cancellationToken);
    }

    private static void Add(IServiceCollection services, string url)
    {
        services.AddWsGateway(Group, options => (options.Url, options.EndOnStop) = (url, true));
        services.AddInMemoryControlPlane();
    }

    private static async Task PlayAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var (media, control) = (services.GetRequiredService<IMediaBus>(), services.GetRequiredService<IBus>());
        var startedAt = TimeProvider.System.GetUtcNow();
        for (int i = 0; i < Calls; i++)
        {
            var negotiated = Negotiated(i, startedAt);
            var call = CallKey.Of(negotiated);
            await media.OpenLaneAsync(Group, call, cancellationToken);
            await control.Publish(negotiated, cancellationToken);
            for (int chunk = 0; chunk <= ChunksOfEach; chunk++)
                await media.PublishChunkAsync(call, Chunk(call, chunk), cancellationToken);
            await control.Publish(new CallEnded { CallId = call.CallId, StartedAt = startedAt, At = startedAt, Reason = EndReason.Bye }, cancellationToken);
        }

        var gateway = services.GetRequiredService<Gateway>();
        while (gateway.CallCount > 0 || gateway.Streams.Count < 2 * Calls)
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
    }

    private static MediaNegotiated Negotiated(int call, DateTimeOffset startedAt) => new()
    {
        CallId = $"rehearsal-{call}",
        StartedAt = startedAt,
        At = startedAt,
        Version = 1,
        Streams = [new NegotiatedStream { Role = 0, Formats = [] }, new NegotiatedStream { Role = 1, Formats = [] }],
    };

    // The last one says that both have ended.
    private static MediaBuffer Chunk(in CallKey call, int number)
    {
        bool isLast = number == ChunksOfEach;
        var buffer = new MediaBuffer();
        var writer = new MediaMessageWriter(buffer, RehearsedMedia.Header(MediaKind.L16Chunk, call, number, SampleRate), call.CallId);
        long position = (long)number * SamplesInChunk;
        for (byte role = 0; role < 2; role++)
        {
            writer.BeginSection(role, isLast ? SectionFlags.None : SectionFlags.Open, isLast ? position : position + SamplesInChunk);
            if (isLast)
                writer.AddMark(new MediaMark { Position = position, Kind = MarkKind.End, Code = (byte)EndReason.Bye });
            else
                Speak(ref writer, position, role);
        }

        return buffer;
    }

    private static void Speak(ref MediaMessageWriter writer, long position, byte role)
    {
        writer.BeginRun(new RunHeader { Position = position, Ssrc = role, Timestamp = (uint)position, Codec = MediaCodec.L16 });
        writer.AppendPayload(SamplesInChunk * sizeof(short)).Fill(role);
    }
}
