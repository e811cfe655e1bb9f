using System.Text;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Packets;

public sealed class SipTcpReassemblerTests
{
    private const long Millisecond = 1_000_000;
    private static readonly uint Isn = 0xFFFFFF00; // wraps within the first messages
    private static readonly TransportAddress A = TransportAddress.From([192, 0, 2, 1], 50000);
    private static readonly TransportAddress B = TransportAddress.From([192, 0, 2, 2], 5060);
    private static readonly string[] Messages =
    [
        "INVITE sip:a@b SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 300\r\n\r\n" + new string('x', 298) + "\r\n",
        "SIP/2.0 200 OK\r\nCall-ID: 2\r\nl: 4\r\n\r\nbo\r\n",
        "ACK sip:a@b SIP/2.0\r\nCall-ID: 3\r\nContent-Length :\r\n 0\r\n\r\n",
        "BYE sip:a@b SIP/2.0\r\nCall-ID: 4\r\n\r\n",
    ];

    private readonly SipTcpReassembler _reassembler = new();
    private readonly List<string> _read = [];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1448)]
    public void Messages_come_out_however_they_are_cut(int size)
    {
        Open();
        foreach ((uint at, byte[] bytes) in Segments(string.Concat(Messages), size))
            _ = Add(at, bytes);
        Assert.Equal(Messages, _read);
    }

    [Fact]
    public void Messages_come_out_at_every_split_in_two()
    {
        string all = string.Concat(Messages);
        for (int split = 1; split < all.Length; split++)
        {
            var test = new SipTcpReassemblerTests();
            test.Open();
            _ = test.Add(Isn, Encoding.ASCII.GetBytes(all[..split]));
            _ = test.Add(Isn + (uint)split, Encoding.ASCII.GetBytes(all[split..]));
            Assert.Equal(Messages, test._read);
        }
    }

    [Fact]
    public void Segments_out_of_order_and_twice_give_each_message_once() => Properties.Hold<int>(seed =>
    {
        var test = new SipTcpReassemblerTests();
        test.Open();
        (uint At, byte[] Bytes)[] segments = [.. Segments(string.Concat(Messages), 50), .. Segments(string.Concat(Messages), 31)];
        new Random(seed).Shuffle(segments);
        foreach ((uint at, byte[] bytes) in segments)
            Assert.NotEqual(TcpResult.GapSkipped, test.Add(at, bytes));
        Assert.Equal(Messages, test._read);
    });

    [Fact]
    public void Keep_alives_between_messages_are_skipped()
    {
        Open();
        _ = Add(Isn, "\r\n\r\n"u8);
        _ = Add(Isn + 4, Encoding.ASCII.GetBytes(Messages[3] + "\r\n\r\n\r\n" + Messages[1]));
        Assert.Equal([Messages[3], Messages[1]], _read);
    }

    [Fact]
    public void A_connection_is_joined_in_mid_stream_at_its_next_message()
    {
        Assert.Equal(TcpResult.NotSip, Add(100, "the rest of some body"u8));
        Assert.Equal(TcpResult.InOrder, Add(121, Encoding.ASCII.GetBytes(Messages[1])));
        Assert.Equal([Messages[1]], _read);
    }

    [Fact]
    public void After_a_loss_reading_goes_on_at_the_next_start_line()
    {
        Open();
        byte[] all = Encoding.ASCII.GetBytes(string.Concat(Messages));
        _ = Add(Isn, all.AsSpan(0, 100));
        Assert.Equal(TcpResult.Waiting, Add(Isn + 200, all.AsSpan(200), 10 * Millisecond));
        Assert.Empty(_read);
        _reassembler.Expire(900 * Millisecond);
        Drain();
        Assert.Empty(_read);
        _reassembler.Expire(1200 * Millisecond);
        Drain();
        Assert.Equal(Messages[1..], _read);
        Assert.Equal(1, _reassembler.Gaps);
    }

    [Fact]
    public void A_gap_is_given_up_when_too_much_waits_behind_it()
    {
        Open();
        byte[] bye = Encoding.ASCII.GetBytes(Messages[3]);
        uint at = Isn + 1;
        TcpResult result;
        do
        {
            result = Add(at, bye);
            at += (uint)bye.Length;
        }
        while (result == TcpResult.Waiting);

        Assert.Equal(TcpResult.GapSkipped, result);
        Assert.InRange(_read.Count, 2, 65);
        Assert.All(_read, message => Assert.Equal(Messages[3], message));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n")]
    [InlineData("Content-Type: auth/request\n\n")]
    [InlineData("\u0016\u0003\u0001\u0002")]
    public void Another_protocol_is_forgotten_at_once(string text)
    {
        Open();
        Assert.Equal(1, _reassembler.Directions);
        _ = Add(Isn, Encoding.Latin1.GetBytes(text));
        Assert.Equal((0, 0), (_reassembler.Directions, _reassembler.HeldBytes));
        Assert.Equal(TcpResult.NotSip, Add(Isn + (uint)text.Length, Encoding.Latin1.GetBytes(text)));
    }

    [Theory]
    [InlineData("Content-Length: 99999999999")]
    [InlineData("Content-Length: 70000")]
    [InlineData("Content-Length: -1")]
    [InlineData("Content-Length: x")]
    [InlineData("Content-Length:")]
    [InlineData("l: 5x")]
    public void A_length_that_cannot_be_costs_only_its_message(string header)
    {
        Open();
        _ = Add(Isn, Encoding.ASCII.GetBytes(Messages[3] + "INFO sip:a@b SIP/2.0\r\n" + header + "\r\n\r\nhello\r\n" + Messages[1]));
        Assert.Equal([Messages[3], Messages[1]], _read);
    }

    [Fact]
    public void Endless_headers_and_endless_lines_are_bounded()
    {
        Open();
        byte[] filler = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("X-Header: value\r\n", 80)));
        _ = Add(Isn, "INVITE sip:a@b SIP/2.0\r\n"u8);
        for (uint i = 0; i < 1000 && _reassembler.Directions > 0; i++)
        {
            _ = Add(Isn + 24 + i * (uint)filler.Length, filler);
            Assert.InRange(_reassembler.HeldBytes, 0, 256 * 1024);
        }

        Assert.Empty(_read);
        Assert.Equal(0, _reassembler.Directions);
    }

    [Fact]
    public void Both_directions_and_other_connections_stay_apart()
    {
        byte[] half = Encoding.ASCII.GetBytes(Messages[0][..40]);
        byte[] rest = Encoding.ASCII.GetBytes(Messages[0][40..]);
        Feed(A, B, 1, half);
        Feed(B, A, 1, half);
        Feed(A, B.WithPort(5080), 1, half);
        Assert.Equal(3, _reassembler.Directions);
        Feed(B, A, 41, rest);
        Assert.Equal([Messages[0]], _read);
    }

    [Fact]
    public void A_new_syn_on_the_same_ports_begins_afresh()
    {
        Open();
        _ = Add(Isn, Encoding.ASCII.GetBytes(Messages[0][..40]));
        Syn(Isn - 1);
        _ = Add(Isn + 40, Encoding.ASCII.GetBytes(Messages[0][40..]));
        Assert.Equal([Messages[0]], _read);
        Syn(Isn + 5000);
        _ = Add(Isn + 5001, Encoding.ASCII.GetBytes(Messages[1]));
        Assert.Equal([Messages[0], Messages[1]], _read);
    }

    [Fact]
    public void The_table_is_bounded_in_directions_and_bytes()
    {
        var reassembler = new SipTcpReassembler(new SipTcpLimits(MaxDirections: 100, MaxBytes: 100_000));
        byte[] half = Encoding.ASCII.GetBytes("INVITE sip:a@b SIP/2.0\r\n" + new string('x', 3000));
        for (int port = 1; port < 1000; port++)
        {
            var segment = new Datagram { Transport = Transport.Tcp, Source = A.WithPort(port), Destination = B, Payload = half };
            _ = reassembler.Add(in segment, 0);
            Assert.InRange(reassembler.Directions, 1, 100);
            Assert.InRange(reassembler.HeldBytes, 1, 100_000);
        }

        Assert.Equal(999, reassembler.Directions + reassembler.Evicted);
        for (int port = 1; port < 1000; port++)
            _ = reassembler.Add(new Datagram { Transport = Transport.Tcp, Source = B.WithPort(port), Destination = A, TcpFlags = TcpFlags.Syn }, 0);
        Assert.Equal(100, reassembler.Directions);
    }

    [Fact]
    public void A_direction_that_is_silent_for_ten_minutes_is_forgotten()
    {
        Open();
        _reassembler.Expire(600_000 * Millisecond);
        Assert.Equal(1, _reassembler.Directions);
        _reassembler.Expire(601_000 * Millisecond);
        Assert.Equal(0, _reassembler.Directions);
    }

    private static IEnumerable<(uint At, byte[] Bytes)> Segments(string text, int size)
    {
        byte[] all = Encoding.ASCII.GetBytes(text);
        for (int at = 0; at < all.Length; at += size)
            yield return (Isn + (uint)at, all[at..Math.Min(at + size, all.Length)]);
    }

    private void Open() => Syn(Isn - 1);

    private void Syn(uint sequence)
    {
        var syn = new Datagram { Transport = Transport.Tcp, Source = A, Destination = B, TcpSequence = new(sequence), TcpFlags = TcpFlags.Syn };
        Assert.Equal(TcpResult.NoPayload, _reassembler.Add(in syn, 0));
    }

    private TcpResult Add(uint sequence, ReadOnlySpan<byte> payload, long nowNs = 0) => Feed(A, B, sequence, payload, nowNs);

    private TcpResult Feed(TransportAddress from, TransportAddress to, uint sequence, ReadOnlySpan<byte> payload, long nowNs = 0)
    {
        var segment = new Datagram
        {
            Transport = Transport.Tcp,
            Source = from,
            Destination = to,
            TcpSequence = new(sequence),
            TcpFlags = TcpFlags.Ack,
            Payload = payload,
        };
        TcpResult result = _reassembler.Add(in segment, nowNs);
        Drain();
        return result;
    }

    private void Drain()
    {
        while (_reassembler.TryRead(out Datagram message))
            _read.Add(Encoding.ASCII.GetString(message.Payload));
    }
}
