using System.Buffers.Binary;
using System.Text;

namespace CallMirror.TestKit.Tracing;

/// <summary>Reads the fields of one protobuf message in their order, as far as OTLP needs it.</summary>
public ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;
    private ReadOnlySpan<byte> _bytes;
    private ulong _number;

    /// <summary>The field at hand.</summary>
    public int Field { get; private set; }

    /// <summary>Its value where it is a number of any width.</summary>
    public readonly ulong Number => _number;

    /// <summary>Its value where it is bytes, a text or a message.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Its value as text.</summary>
    public readonly string Text => Encoding.UTF8.GetString(_bytes);

    /// <summary>Its value as hexadecimal digits.</summary>
    public readonly string Hex => Convert.ToHexStringLower(_bytes);

    /// <summary>Goes on to the next field; false at the end.</summary>
    /// <exception cref="InvalidDataException">This is no protobuf.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
            return false;
        ulong key = Varint();
        Field = (int)(key >> 3);
        _bytes = default;
        _number = 0;
        switch (key & 7)
        {
            case 0:
                _number = Varint();
                break;
            case 1:
                _number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case 2:
                _bytes = Take((int)Varint());
                break;
            case 5:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            default:
                throw new InvalidDataException($"wire type {key & 7}");
        }

        return true;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length)
            throw new InvalidDataException("the message ends within a field");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
