using System.Text.Json;
using CallMirror.WsSink.Calls;
using CallMirror.WsSink.Protocol;

namespace CallMirror.WsSink.Storage;

/// <summary>
/// The one folder that is written to. Every name here is a checked tag, or a tag without its role, plus one of four extensions,
/// so that no path leads out of it.
/// </summary>
internal sealed class SinkFolder : IDisposable
{
    private const string LockName = ".ws-sink.lock";
    private readonly FileStream _inUse;

    public SinkFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(Path);
        try
        {
            _inUse = new FileStream(In(LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e)
        {
            throw new IOException($"The folder {Path} is in use by another listener.", e);
        }
    }

    public string Path { get; }

    public string Pcm(string tag) => In(tag + ".pcm");
    public string Wav(string name) => In(name + ".wav");
    public string Part(string tag) => In(tag + ".part");
    public string Sidecar(string call) => In(call + ".json");
    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Whether neither the stream's files nor the call's would touch files of another, whoever wrote them.</summary>
    public bool IsFree(StreamName stream)
    {
        var tag = stream.ToString();
        // A call named `x-0` has the stereo WAV `x-0.wav`, and so has the stream 0 of a call named `x`.
        return !File.Exists(Pcm(tag)) && !File.Exists(Wav(tag)) && !File.Exists(Sidecar(tag)) && !File.Exists(Pcm(stream.Call));
    }

    public CallRecord? ReadSidecar(string call)
    {
        // Most calls are new: the question is cheaper than the exception.
        if (!File.Exists(Sidecar(call)))
            return null;
        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllBytes(Sidecar(call)), RecordJson.Default.CallRecord);
            return record is not null && IsSound(record, call) ? record : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Another program may have written it: the names in it are believed only where they are those that it must have.
    private static bool IsSound(CallRecord record, string call) =>
        record.Name == call
        && (record.StereoWav is null || record.StereoWav == call + ".wav")
        && record.Streams.All(stream => stream.SampleRate > 0 && IsNamed(stream, call)
            && stream.Pcm == stream.Tag + ".pcm" && (stream.Wav is null || stream.Wav == stream.Tag + ".wav"));

    /// <summary>Whether a stream's tag is one that a stream of the call has: with its role, or without any.</summary>
    public static bool IsNamed(StreamRecord stream, string call) =>
        stream.Role is 0 or 1 && StreamName.TryParse(stream.Tag, out var name) && name.Call == call && (name.IsBare || name.Role == stream.Role);

    public void WriteSidecar(CallRecord call) =>
        Replace(Sidecar(call.Name), file => JsonSerializer.Serialize(file, call, RecordJson.Indented.CallRecord));

    /// <summary>Writes a whole file or nothing: a reader never sees half of it.</summary>
    public static void Replace(string path, Action<FileStream> write)
    {
        var temporary = path + ".tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read, 1))
                write(file);
            File.Move(temporary, path, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>The most recently stored calls, the latest first.</summary>
    public IEnumerable<CallRecord> Stored(int atMost) =>
        new DirectoryInfo(Path).EnumerateFiles("*.json")
            .OrderByDescending(file => file.LastWriteTimeUtc)
            .Take(atMost)
            .Select(file => ReadSidecar(System.IO.Path.GetFileNameWithoutExtension(file.Name)))
            .OfType<CallRecord>();

    /// <summary>The tags of streams that an earlier process left unfinished.</summary>
    public IEnumerable<string> Unfinished() =>
        Directory.EnumerateFiles(Path, "*.part").Select(path => System.IO.Path.GetFileNameWithoutExtension(path));

    public void Dispose() => _inUse.Dispose();
}
