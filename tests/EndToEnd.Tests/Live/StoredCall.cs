using System.Security.Cryptography;
using System.Text.Json;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>One role of a call as the sink stored it, turned back into A-law codes.</summary>
internal sealed class StoredRole
{
    // What no code decodes to, and what is silence of the assembler's.
    private const int NoCode = -1;
    private const int Silence = -2;

    private static readonly Dictionary<short, int> CodeOf = Enumerable.Range(0, 256).ToDictionary(code => G711Formula.ALaw((byte)code), code => code);

    private readonly long _start;
    private readonly int[] _codes;

    public StoredRole(string folder, JsonElement stream)
    {
        _start = stream.GetProperty("first_position").GetInt64() / 2;
        EndReason = stream.GetProperty("end_reason").GetString();
        string pcm = Path.Combine(folder, stream.GetProperty("pcm").GetString()!);
        _codes = [.. EndToEnd.Tests.Runs.Even(EndToEnd.Tests.Runs.Samples(pcm)).Select(value => value == 0 ? Silence : CodeOf.GetValueOrDefault(value, NoCode))];
    }

    public string? EndReason { get; }

    /// <summary>Whether audio stands where it belongs, or so many samples from there.</summary>
    public bool Has(ExpectedRun run, int tolerance)
    {
        for (int off = 0; off <= tolerance; off++)
            if (HasAt(run, run.Position + off) || HasAt(run, run.Position - off))
                return true;
        return false;
    }

    /// <summary>Samples that are no silence, from a position on.</summary>
    public int Heard(long from) => _codes.Skip((int)Math.Max(0, from - _start)).Count(code => code != Silence);

    private bool HasAt(ExpectedRun run, long position)
    {
        long at = position - _start;
        if (at < 0 || at + run.Samples > _codes.Length)
            return false;
        var part = _codes.AsSpan((int)at, run.Samples);
        return !part.ContainsAny(NoCode, Silence) && Hash(part) == run.Hash;
    }

    private static string Hash(Span<int> codes)
    {
        byte[] bytes = new byte[codes.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)codes[i];
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}

/// <summary>One call as the sink stored it.</summary>
internal sealed record StoredCall(
    string Name, string CallId, string? From, string? To, IReadOnlyDictionary<string, StoredRole> Roles, IReadOnlyList<(int Role, string Digit)> Digits)
{
    /// <summary>All calls of a folder, by name.</summary>
    public static List<StoredCall> ReadAll(string folder) =>
    [
        .. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal)
            .Select(path => Read(folder, new Sidecar(JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(path))))),
    ];

    private static StoredCall Read(string folder, Sidecar call) => new(
        call.Text("name")!,
        call.CallId,
        call.Text("from"),
        call.Text("to"),
        call.Streams.ToDictionary(stream => stream.GetProperty("direction").GetString()!, stream => new StoredRole(folder, stream)),
        [.. call.Json.GetProperty("events").EnumerateArray().Where(each => each.GetProperty("type").GetString() == "dtmf")
            .Select(each => (each.GetProperty("role").GetInt32(), each.GetProperty("digit").GetString()!))]);
}
