using System.Buffers.Binary;

namespace CallMirror.TestKit;

/// <summary>Makes damaged inputs out of sound ones, the same ones for the same seed. It owns the buffer it returns and allocates nothing per input.</summary>
/// <example><code>
/// var mutator = new Mutator(seed: 1, corpus);
/// for (int i = 0; i &lt; 100_000; i++)
///     Parser.TryParse(mutator.Next(), out _, out _);
/// </code></example>
public sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus)
{
    private const int MaxLength = 65_536;
    private const int MaxDamages = 4;

    /// <summary>Values that lengths and counts are trusted with and should not be.</summary>
    private static readonly uint[] Lies = [0, 1, 3, 4, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF];

    private readonly Random _random = new(seed);
    private readonly byte[] _buffer = new byte[MaxLength];
    private int _length;

    /// <summary>How many inputs have been made: with the seed, what names the last one in a failure message.</summary>
    public long Count { get; private set; }

    /// <summary>The next damaged input; valid until the next call.</summary>
    public ReadOnlySpan<byte> Next()
    {
        Count++;
        byte[] origin = Pick();
        _length = Math.Min(origin.Length, MaxLength);
        origin.AsSpan(0, _length).CopyTo(_buffer);
        for (int damages = _random.Next(1, MaxDamages + 1); damages > 0; damages--)
            Damage();
        return _buffer.AsSpan(0, _length);
    }

    public override string ToString() => $"seed {seed}, input {Count}";

    private byte[] Pick() => corpus[_random.Next(corpus.Count)];

    private void Damage()
    {
        switch (_random.Next(9))
        {
            case 0 or 1: FlipBit(); break;
            case 2: SetByte(); break;
            case 3: Truncate(); break;
            case 4 or 5: Lie(); break;
            case 6: Splice(); break;
            case 7: Repeat(); break;
            default: LieInDigits(); break;
        }
    }

    /// <summary>Half of all damage falls on the first 64 bytes, where the headers are.</summary>
    private int Position() => _random.Next(_random.Next(2) == 0 ? Math.Min(64, _length) : _length);

    private void FlipBit()
    {
        if (_length > 0)
            _buffer[Position()] ^= (byte)(1 << _random.Next(8));
    }

    private void SetByte()
    {
        if (_length > 0)
            _buffer[Position()] = (byte)_random.Next(256);
    }

    private void Truncate() => _length = _random.Next(_length + 1);

    /// <summary>Overwrites 1, 2 or 4 bytes with a length that is not true, sometimes off by one from what is really left.</summary>
    private void Lie()
    {
        if (_length < sizeof(uint))
            return;
        int at = Math.Min(Position(), _length - sizeof(uint));
        uint lie = _random.Next(3) == 0 ? (uint)(_length - at + _random.Next(-9, 10)) : Lies[_random.Next(Lies.Length)];
        switch (_random.Next(3))
        {
            case 0: _buffer[at] = (byte)lie; break;
            case 1: BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(at), (ushort)lie); break;
            default: BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(at), lie); break;
        }
    }

    /// <summary>The head of this input with the tail of another.</summary>
    private void Splice()
    {
        byte[] other = Pick();
        int head = _random.Next(_length + 1);
        ReadOnlySpan<byte> tail = other.AsSpan(_random.Next(other.Length + 1));
        int length = Math.Min(tail.Length, MaxLength - head);
        tail[..length].CopyTo(_buffer.AsSpan(head));
        _length = head + length;
    }

    /// <summary>A stretch of the input twice: headers, lines and parameters that may come only once.</summary>
    private void Repeat()
    {
        int from = _random.Next(_length + 1);
        int length = Math.Min(_random.Next(_length - from + 1), MaxLength - _length);
        _buffer.AsSpan(from, _length - from).CopyTo(_buffer.AsSpan(from + length));
        _length += length;
    }

    /// <summary>Rewrites the next decimal number of a text, digit by digit: Content-Length, ports, CSeq.</summary>
    private void LieInDigits()
    {
        Span<byte> rest = _buffer.AsSpan(0, _length)[(_length > 0 ? Position() : 0)..];
        int start = rest.IndexOfAnyInRange((byte)'0', (byte)'9');
        for (int i = start; i >= 0 && i < rest.Length && char.IsAsciiDigit((char)rest[i]); i++)
            rest[i] = (byte)('0' + _random.Next(10));
    }
}
