using System.Globalization;

namespace CallMirror.AllInOne.Load;

/// <summary>What one process has used so far.</summary>
/// <param name="Cpu">Processor time of all its threads.</param>
/// <param name="Bytes">Memory that it has resident.</param>
internal readonly record struct ProcessUse(TimeSpan Cpu, long Bytes);

/// <summary>Reads what a process uses (proc(5): <c>/proc/PID/stat</c>, <c>/proc/PID/statm</c>).</summary>
internal sealed record ProcessMeter(string Name, int Id)
{
    // sysconf(_SC_CLK_TCK) is 100 on every Linux that .NET runs on.
    private const int TicksPerSecond = 100;

    // Counted behind the name in parentheses, which may hold anything.
    private const int UserTicks = 11;
    private const int SystemTicks = 12;

    /// <summary>What it has used so far; null where it is gone.</summary>
    public ProcessUse? Read()
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{Id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            long pages = Number(File.ReadAllText($"/proc/{Id}/statm").Split(' ')[1]);
            return new ProcessUse(TimeSpan.FromSeconds((double)(Number(fields[UserTicks]) + Number(fields[SystemTicks])) / TicksPerSecond), pages * Environment.SystemPageSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
