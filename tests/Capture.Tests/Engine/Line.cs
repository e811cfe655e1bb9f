using System.Globalization;
using CallMirror.Capture.Engine;
using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Engine;

/// <summary>
/// A capture engine, fed with frames, and all that came out of it. Times are milliseconds since the epoch of its calls, so that a packet at
/// 100 ms is heard at position 800. Payloads are never zero.
/// </summary>
internal sealed class Line
{
    public const string CallId = "call@line";
    public const long EpochNs = 1_700_000_000_000_000_000;
    public const int Samples = 160;

    public static readonly TransportAddress Caller = TransportAddress.From([10, 0, 0, 1], 40_000);
    public static readonly TransportAddress Pbx = TransportAddress.From([192, 0, 2, 1], 16_384);

    public Line(Action<CaptureOptions>? configure = null, bool isFile = false)
    {
        var options = new CaptureOptions { UnclaimedFor = TimeSpan.FromSeconds(2) };
        configure?.Invoke(options);
        Engine = new CaptureEngine(options, "line", source: 7, isFile);
    }

    public CaptureEngine Engine { get; }

    /// <summary>Whether sip-tracker answers at once.</summary>
    public bool AnswersSip { get; set; } = true;

    public List<SipMessageCaptured> Sip { get; } = [];

    public List<MediaFound> Found { get; } = [];

    public List<CallEnded> Ended { get; } = [];

    public List<StreamQuality> Quality { get; } = [];

    public List<Section> Sections { get; } = [];

    /// <summary>The most bytes that a message's memory was longer than the message.</summary>
    public int MostUnused { get; private set; }

    public static DateTimeOffset At(double ms) => CaptureTime.ToDateTime(Ns(ms));

    public static long Ns(double ms) => EpochNs + (long)(ms * 1_000_000);

    public long Dropped(DropReason reason) => Engine.Counters.Dropped(reason);

    /// <summary>What was said of a role, message by message.</summary>
    public IEnumerable<Section> Of(int role, string callId = CallId) => Sections.Where(section => section.Role == role && section.CallId == callId);

    /// <summary>New runs of a role, those that continue each other joined.</summary>
    public List<(long Position, string Content)> Audio(int role, string callId = CallId)
    {
        List<(long Position, string Content)> joined = [];
        foreach (var run in Of(role, callId).SelectMany(section => section.Runs).Where(run => !run.IsHistory))
        {
            string content = Convert.ToHexString(run.Payload);
            if (joined is [.., var last] && last.Position + last.Content.Length / 2 == run.Position)
                joined[^1] = (last.Position, last.Content + content);
            else
                joined.Add((run.Position, content));
        }

        return joined;
    }

    /// <summary>Where the new audio of a role stands: position and length.</summary>
    public IEnumerable<(long Position, int Samples)> Placed(int role = 0, string callId = CallId) =>
        Audio(role, callId).Select(run => (run.Position, run.Content.Length / 2));

    public IEnumerable<MediaMark> Marks(int role = 0) => Of(role).SelectMany(section => section.Marks);

    /// <summary>One call, PCMA and telephone events, from the caller to the PBX and back.</summary>
    public Line Negotiate(
        double ms = 0, string callId = CallId, TransportAddress? caller = null, TransportAddress? pbx = null, bool encrypted = false, string codec = "PCMA")
    {
        var (from, to) = ((caller ?? Caller).ToString(), (pbx ?? Pbx).ToString());
        PayloadFormat[] formats =
        [
            new() { PayloadType = 8, Encoding = codec, ClockRate = 8000 },
            new() { PayloadType = 101, Encoding = "TELEPHONE-EVENT", ClockRate = 8000 },
        ];
        Engine.Apply(new MediaNegotiated
        {
            CallId = callId,
            At = At(ms),
            StartedAt = At(0),
            Version = 1,
            Streams =
            [
                new() { Role = 0, Sender = from, Receiver = to, Formats = formats, Encrypted = encrypted },
                new() { Role = 1, Sender = to, Receiver = from, Formats = formats, Encrypted = encrypted },
            ],
        });
        return this;
    }

    /// <summary>What sip-tracker makes of media that was found, if it becomes a call.</summary>
    public Line Accept(MediaFound found)
    {
        Engine.Apply(new MediaNegotiated
        {
            CallId = found.CallId,
            At = found.CapturedAt,
            StartedAt = found.StartedAt,
            Version = 1,
            IsFound = true,
            Streams =
            [
                new() { Role = 0, Sender = found.Source, Receiver = found.Destination, Formats = [] },
                new() { Role = 1, Sender = found.Destination, Receiver = found.Source, Formats = [] },
            ],
        });
        return this;
    }

    public Line End(double ms, EndReason reason = EndReason.Bye, string callId = CallId)
    {
        Engine.Apply((CallEvent)new CallEnded { CallId = callId, At = At(ms), Reason = reason });
        return this;
    }

    /// <summary>Packets of 20 ms, one every 20 ms, of the caller.</summary>
    public Line Talk(double fromMs, int packets, int firstNumber = 0)
    {
        for (int i = 0; i < packets; i++)
            Rtp(fromMs + 20 * i, firstNumber + i);
        return this;
    }

    public Line Rtp(
        double ms, int number, uint? timestamp = null, uint ssrc = 1, byte payloadType = 8, byte[]? payload = null,
        TransportAddress? from = null, TransportAddress? to = null)
    {
        byte[] bytes = RtpBytes(number, timestamp ?? (uint)(number * Samples), ssrc, payloadType, payload ?? Voice(number, Samples));
        return Frame(ms, FrameBuilder.Udp(from ?? Caller, to ?? Pbx, bytes));
    }

    public Line Event(double ms, int number, uint timestamp, byte digit, int duration, bool end = false)
    {
        byte[] payload = new byte[TelephoneEvent.Length];
        new TelephoneEvent(digit, end, 10, (ushort)duration).WriteTo(payload);
        return Rtp(ms, number, timestamp, payloadType: 101, payload: payload);
    }

    public Line Frame(double ms, byte[] frame)
    {
        Engine.Accept(LinkType.Ethernet, frame, Ns(ms));
        return Drain();
    }

    public Line Advance(double ms)
    {
        Engine.Advance(Ns(ms));
        return Drain();
    }

    public Line Finish(EndReason reason = EndReason.EndOfCapture)
    {
        Engine.Finish(reason);
        return Drain();
    }

    public static byte[] Voice(int number, int samples) => [.. Enumerable.Range(0, samples).Select(i => (byte)(1 + (number * 7 + i) % 255))];

    public static byte[] RtpBytes(int number, uint timestamp, uint ssrc, byte payloadType, byte[] payload)
    {
        var packet = new RtpPacket
        {
            SequenceNumber = new((ushort)number),
            Timestamp = new(timestamp),
            Ssrc = new(ssrc),
            PayloadType = payloadType,
            Payload = payload,
        };
        byte[] bytes = new byte[packet.Length];
        packet.WriteTo(bytes);
        return bytes;
    }

    public static byte[] SipBytes(string method = "INVITE", string callId = CallId) => System.Text.Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{method} sip:1@pbx SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:1@pbx>\r\nCall-ID: {callId}\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"));

    public Line Drain()
    {
        while (Engine.TryTakeEffect(out var effect))
        {
            if (effect.Batch is { } batch)
                Take(effect.CallId!, batch);
            if (effect.Sip is { } sip)
            {
                Sip.Add(sip);
                if (AnswersSip)
                    Engine.Answered(sip.CallId, sip.Sequence);
            }

            if (effect.Quality is { } quality)
                Quality.Add(quality);
            if (effect.Found is { } found)
            {
                Found.Add(found);
                if (AnswersSip)
                    Engine.Answered(found.CallId, found.Sequence);
            }

            if (effect.Ended is { } ended)
                Ended.Add(ended);
        }

        return this;
    }

    private void Take(string callId, MediaBuffer batch)
    {
        using (batch)
        {
            MostUnused = Math.Max(MostUnused, batch.LentBytes - batch.Length);
            Assert.True(MediaMessage.TryParse(batch.Memory.Span, out var message, out _));
            Assert.Equal(callId, message.CallId);
            Assert.Equal((MediaKind.RtpBatch, 7u, 8000, EpochNs), (message.Header.Kind, message.Header.Source, message.Header.SampleRate, message.Header.Epoch));
            Assert.Equal(Sections.Where(section => section.CallId == callId).Select(section => section.Sequence).DefaultIfEmpty(uint.MaxValue).Last() + 1, message.Header.Sequence);
            foreach (var section in message)
                Sections.Add(Section.Read(callId, message.Header.Sequence, section));
        }
    }
}
