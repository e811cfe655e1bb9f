using System.Text.Json;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>Audio that must stand somewhere: position at 8 kHz, SHA-256 of its A-law bytes, how many.</summary>
internal sealed record ExpectedRun(long Position, string Hash, int Samples);

/// <summary>What must come out of one call.</summary>
internal sealed record ExpectedCall(JsonElement Json)
{
    public static readonly string[] Directions = ["caller", "callee"];

    public string CallId => Json.GetProperty("call_id").GetString()!;

    public string? From => Json.GetProperty("from").GetString();

    public string? To => Json.GetProperty("to").GetString();

    public string? Reason => Json.GetProperty("reason").GetString();

    /// <summary>How far from its place audio may stand.</summary>
    public int Tolerance => Json.TryGetProperty("tolerance", out var tolerance) ? tolerance.GetInt32() : 0;

    /// <summary>The digits by role, or null where nothing is said of them.</summary>
    public IReadOnlyList<(int Role, string Digit)>? Digits => !Json.TryGetProperty("digits", out var digits) ? null :
        [.. digits.EnumerateArray().Select(digit => (digit.GetProperty("role").GetInt32(), digit.GetProperty("digit").GetString()!))];

    public IReadOnlyList<ExpectedRun> Runs(string direction) => Runs(Json, direction);

    /// <summary>Of these exactly one is there too.</summary>
    public IReadOnlyList<ExpectedRun> Either(string direction) => Json.TryGetProperty("either", out var either) ? Runs(either, direction) : [];

    /// <summary>Before this position anything will do.</summary>
    public long FreeUntil(string direction) =>
        Json.TryGetProperty("free_until", out var free) && free.TryGetProperty(direction, out var until) ? until.GetInt64() : 0;

    /// <summary>All results that are right for a case.</summary>
    public static List<List<ExpectedCall>> ReadAll(string path)
    {
        var json = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(path));
        List<JsonElement> results = [json.GetProperty("calls")];
        if (json.TryGetProperty("or_calls", out var others))
            results.AddRange(others.EnumerateArray());
        return [.. results.Select(calls => calls.EnumerateArray().Select(call => new ExpectedCall(call)).ToList())];
    }

    private static List<ExpectedRun> Runs(JsonElement of, string direction) => !of.TryGetProperty(direction, out var runs) ? [] :
        [.. runs.EnumerateArray().Select(run => new ExpectedRun(run[0].GetInt64(), run[1].GetString()!, run[2].GetInt32()))];
}
