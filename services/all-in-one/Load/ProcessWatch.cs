namespace CallMirror.AllInOne.Load;

/// <summary>Looks at processes again and again: how much processor time they take while all calls are up, and how much memory at the most.</summary>
internal sealed class ProcessWatch
{
    private readonly TimeProvider _time;
    private readonly List<Watched> _processes;

    public ProcessWatch(IReadOnlyList<ProcessMeter> processes, TimeProvider time)
    {
        _time = time;
        _processes = [.. processes.Select(process => new Watched(process))];
    }

    /// <summary>Looks, and says how much memory each has now.</summary>
    /// <param name="allUp">All calls are up.</param>
    public IReadOnlyList<ProcessMemory> Look(bool allUp)
    {
        long now = _time.GetTimestamp();
        return [.. _processes.Select(process => process.Look(now, allUp))];
    }

    /// <summary>What each used.</summary>
    public IReadOnlyList<LoadProcess> Used() => [.. _processes.Select(process => process.Used(_time))];

    private sealed class Watched(ProcessMeter meter)
    {
        private long _peak;
        private (long At, TimeSpan Cpu)? _first;
        private (long At, TimeSpan Cpu)? _last;

        public ProcessMemory Look(long now, bool allUp)
        {
            if (meter.Read() is not { } use)
                return new ProcessMemory(meter.Name, 0);
            _peak = Math.Max(_peak, use.Bytes);
            if (allUp)
            {
                _first ??= (now, use.Cpu);
                _last = (now, use.Cpu);
            }

            return new ProcessMemory(meter.Name, use.Bytes);
        }

        public LoadProcess Used(TimeProvider time)
        {
            double cores = _first is { } first && _last is { } last && last.At > first.At ? (last.Cpu - first.Cpu) / time.GetElapsedTime(first.At, last.At) : 0;
            return new LoadProcess(meter.Name, cores, _peak);
        }
    }
}
