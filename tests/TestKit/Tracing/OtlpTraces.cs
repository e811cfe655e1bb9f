namespace CallMirror.TestKit.Tracing;

/// <summary>Reads an ExportTraceServiceRequest (opentelemetry-proto, collector/trace/v1).</summary>
public static class OtlpTraces
{
    private const ulong StatusError = 2;

    /// <summary>The spans of a request.</summary>
    public static List<ReceivedSpan> Read(ReadOnlySpan<byte> request)
    {
        var spans = new List<ReceivedSpan>();
        var reader = new ProtoReader(request);
        while (reader.Read())
            if (reader.Field == 1)
                ReadResource(reader.Bytes, spans);
        return spans;
    }

    private static void ReadResource(ReadOnlySpan<byte> resourceSpans, List<ReceivedSpan> spans)
    {
        string service = "";
        var reader = new ProtoReader(resourceSpans);
        while (reader.Read())
        {
            if (reader.Field == 1)
                service = Attributes(reader.Bytes, field: 1)["service.name"].ToString()!;
            else if (reader.Field == 2)
                ReadScope(reader.Bytes, service, spans);
        }
    }

    private static void ReadScope(ReadOnlySpan<byte> scopeSpans, string service, List<ReceivedSpan> spans)
    {
        string scope = "";
        var reader = new ProtoReader(scopeSpans);
        while (reader.Read())
        {
            if (reader.Field == 1)
                scope = FirstText(reader.Bytes, field: 1);
            else if (reader.Field == 2)
                spans.Add(ReadSpan(reader.Bytes, service, scope));
        }
    }

    private static ReceivedSpan ReadSpan(ReadOnlySpan<byte> span, string service, string scope)
    {
        var (ids, name) = (new string[5], "");
        var numbers = new ulong[9];
        var events = new List<(string, long)>();
        bool isError = false;
        var reader = new ProtoReader(span);
        while (reader.Read())
        {
            if (reader.Field is 1 or 2 or 4)
                ids[reader.Field] = reader.Hex;
            else if (reader.Field == 5)
                name = reader.Text;
            else if (reader.Field is 6 or 7 or 8)
                numbers[reader.Field] = reader.Number;
            else if (reader.Field == 11)
                events.Add(ReadEvent(reader.Bytes));
            else if (reader.Field == 15)
                isError = FirstNumber(reader.Bytes, field: 3) == StatusError;
        }

        return new ReceivedSpan(
            service, scope, ids[1], ids[2], ids[4] ?? "", name, (int)numbers[6], (long)numbers[7], (long)numbers[8], isError, Attributes(span, field: 9), events);
    }

    private static (string Name, long AtNs) ReadEvent(ReadOnlySpan<byte> moment) => (FirstText(moment, field: 2), (long)FirstNumber(moment, field: 1));

    private static Dictionary<string, object> Attributes(ReadOnlySpan<byte> owner, int field)
    {
        var attributes = new Dictionary<string, object>(StringComparer.Ordinal);
        var reader = new ProtoReader(owner);
        while (reader.Read())
            if (reader.Field == field)
                Add(attributes, reader.Bytes);
        return attributes;
    }

    private static void Add(Dictionary<string, object> attributes, ReadOnlySpan<byte> pair)
    {
        string key = FirstText(pair, field: 1);
        var reader = new ProtoReader(pair);
        while (reader.Read())
            if (reader.Field == 2)
                attributes[key] = Value(reader.Bytes);
    }

    private static object Value(ReadOnlySpan<byte> value)
    {
        var reader = new ProtoReader(value);
        if (!reader.Read())
            return "";
        return reader.Field switch
        {
            1 => reader.Text,
            2 => reader.Number != 0,
            3 => (long)reader.Number,
            4 => BitConverter.UInt64BitsToDouble(reader.Number),
            _ => throw new InvalidDataException($"an attribute of kind {reader.Field}"),
        };
    }

    private static string FirstText(ReadOnlySpan<byte> message, int field)
    {
        var reader = new ProtoReader(message);
        while (reader.Read())
            if (reader.Field == field)
                return reader.Text;
        return "";
    }

    private static ulong FirstNumber(ReadOnlySpan<byte> message, int field)
    {
        var reader = new ProtoReader(message);
        while (reader.Read())
            if (reader.Field == field)
                return reader.Number;
        return 0;
    }
}
