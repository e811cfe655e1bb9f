using System.Text.Json;
using CallMirror.WsSink.Calls;

namespace CallMirror.WsSink.Storage;

/// <summary>
/// What is known of a stream that has not ended, as lines of JSON: the call and stream first, then each event and connection as it comes.
/// With the PCM beside it, a sink that was killed goes on where it stopped. Removed when the stream is finished.
/// </summary>
internal static class PartFile
{
    public static void Begin(string path, CallRecord call)
    {
        File.Delete(path);
        Append(path, new PartLine { Call = call });
    }

    public static void Append(string path, PartLine line)
    {
        // One write a line: a process that is killed leaves whole lines, or a torn last one that is passed over.
        var bytes = JsonSerializer.SerializeToUtf8Bytes(line, RecordJson.Default.PartLine);
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        long before = file.Length;
        try
        {
            file.Write([.. bytes, (byte)'\n']);
        }
        catch (IOException)
        {
            // A line that is torn by a full disk would take the next one with it.
            file.SetLength(before);
            throw;
        }
    }

    /// <summary>The call with the one stream, with all that happened to it; null where the file does not say.</summary>
    public static CallRecord? TryRead(string path)
    {
        var lines = Lines(path).ToList();
        if (lines.Count == 0 || lines[0].Call is not { Streams: [var stream] } call)
            return null;
        var connections = lines.Select(line => line.Connection).OfType<ConnectionRecord>();
        return call with
        {
            Events = [.. call.Events, .. lines.Select(line => line.Event).OfType<EventRecord>()],
            Streams = [stream with { Connections = [.. stream.Connections, .. connections] }],
        };
    }

    private static IEnumerable<PartLine> Lines(string path)
    {
        foreach (var text in ReadLines(path))
        {
            PartLine? line = null;
            try
            {
                line = JsonSerializer.Deserialize(text, RecordJson.Default.PartLine);
            }
            catch (JsonException)
            {
                // A torn line: what it said is lost, the audio is not.
            }
            if (line is not null)
                yield return line;
        }
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
