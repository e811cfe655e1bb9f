using CallMirror.Contracts.Media;
using CallMirror.Messaging.Media;
using CallMirror.TestKit;
using CallMirror.WsGateway.Assembly;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.WsGateway.Tests.Assembly;

public sealed class CallAssemblerProperties
{
    [Fact]
    public void Any_order_and_repetition_within_the_limit_gives_the_bytes_of_the_plain_order()
    {
        var cases =
            from count in Gen.Choose(1, 40)
            from windows in Window.ListOf(count)
            from disorder in Gen.Choose(0, 50).ListOf(200)
            select (windows, disorder);
        Properties.Hold(cases, input => Same([.. input.windows], [.. input.disorder]));
    }

    [Fact]
    public void No_message_of_any_content_throws()
    {
        var bytes = Gen.Choose(0, 255).Select(value => (byte)value).ListOf();
        Properties.Hold(bytes, content =>
        {
            using var call = NewCall();
            foreach (byte[] message in new[] { [.. content], Mutated([.. content]) })
            {
                var buffer = new MediaBuffer();
                message.CopyTo(buffer.Append(message.Length));
                call.TryAdd(new MediaDelivery(buffer, 0, false), [], out _);
            }

            // A position gone wrong may mean hours of silence: some of it will do.
            for (int i = 0; i < 1000 && call[0].Backlog.HasOutput; i++)
                call[0].Backlog.Next();
            return true;
        }, runs: 5000);
    }

    // A window: silence before, audio, silence after, a digit or none.
    private static Gen<(int Before, int Audio, int After, bool Digit)> Window { get; } =
        from before in Gen.Choose(0, 300)
        from audio in Gen.Choose(0, 1600)
        from after in Gen.Choose(0, 300)
        from digit in Gen.Choose(0, 3)
        select (before, audio, after, digit == 0);

    private static bool Same((int Before, int Audio, int After, bool Digit)[] windows, int[] disorder)
    {
        var (messages, model, digits) = Model(windows);
        using var call = NewCall();
        var outputs = new Outputs();
        List<SettledChunk> settled = [];
        foreach (int index in Shuffled(messages.Count, disorder))
        {
            if (!call.TryAdd(new MediaDelivery(messages[index].AddReference(), (ulong)index, false), settled, out _))
                return false;
            outputs.Take(call[0].Backlog);
        }

        bool begun = call[0].Backlog.HasBegun;
        return outputs.Audio.AsSpan().SequenceEqual(model)
            && outputs.Ended == begun
            && (!begun || outputs.Events.Select(e => e.Mark.Code).SequenceEqual(digits))
            && outputs.Frames.SkipLast(1).All(bytes => bytes == 640)
            && outputs.Events.All(e => e.After + call[0].Backlog.Start >= e.Mark.Position);
    }

    private static (List<MediaBuffer> Messages, byte[] Audio, List<byte> Digits) Model((int Before, int Audio, int After, bool Digit)[] windows)
    {
        var messages = new List<MediaBuffer>();
        var audio = new List<byte>();
        var digits = new List<byte>();
        long position = 500;
        bool begun = false;
        foreach (var (before, samples, after, digit) in windows)
        {
            long from = position + before;
            long through = from + samples + after;
            if (digit)
                digits.Add((byte)(digits.Count % 16));
            begun |= samples > 0;
            if (begun)
                audio.AddRange(new byte[audio.Count == 0 ? 0 : before * 2]);
            if (begun)
                audio.AddRange([.. Pcm.Bytes(0, from, from + samples), .. Pcm.Silence(after)]);
            var section = new Section(0, begun ? through : -1)
            {
                Runs = samples > 0 ? [(from, from + samples)] : [],
                Marks = digit ? [Chunks.Dtmf(through, digits[^1])] : [],
            };
            messages.Add(Chunks.Write((uint)messages.Count, Chunks.CapturedAt(0), [section]));
            position = through;
        }

        messages.Add(Chunks.Write((uint)messages.Count, Chunks.CapturedAt(0), [new Section(0, begun ? position : -1) { Marks = [Chunks.End(position)] }]));
        return (messages, [.. audio], digits);
    }

    // Every message at least once, some twice, in an order that the numbers decide.
    private static IEnumerable<int> Shuffled(int count, int[] disorder) =>
        Enumerable.Range(0, count)
            .Concat(disorder.Select(number => number % count).Take(count / 2))
            .Select((index, i) => (index, key: i + disorder[i % disorder.Length]))
            .OrderBy(pair => pair.key)
            .Select(pair => pair.index);

    private static CallAssembler NewCall() => new(Chunks.Key, new ChunkLimits(TimeSpan.FromMilliseconds(200), 10_000_000), TimeSpan.FromSeconds(1));

    private static byte[] Mutated(byte[] noise)
    {
        using var chunk = Chunks.Write(0, 0, [Section.Audio(0, 0, 100) with { Marks = [Chunks.Dtmf(5, 5)] }, Section.Audio(1, 0, 50)]);
        byte[] bytes = chunk.Memory.ToArray();
        for (int i = 0; i + 1 < noise.Length; i += 2)
            bytes[((noise[i] * 7) + i) % bytes.Length] = noise[i + 1];
        return bytes;
    }
}
