using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Contracts.Tracing;
using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Assembly;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Joining;

/// <summary>The streams of a tapped call: one a role, and while somebody listens to both together a third. One caller at a time.</summary>
internal sealed class TapStreams : IDisposable
{
    // A call of which nothing ever came has no rate of its own.
    private const int UsualRate = 16_000;

    private readonly CallKey _key;
    private readonly CallAssembler _call;
    private readonly TappedStream[] _roles;
    private TappedStream? _stereo;
    private StereoMix? _mix;

    public TapStreams(KnownCall call, CallAssembler assembler)
    {
        string traceParent = CallTrace.Of(call.CallId, call.StartedAt).TraceParent;
        (_key, _call) = (call.Key, assembler);
        Identities = [.. Enumerable.Range(0, StreamIdentity.Stereo + 1).Select(role => Identity(call, role, traceParent))];
        _roles = [.. Enumerable.Range(0, CallAssembler.Roles).Select(role => new TappedStream(Identities[role]))];
    }

    /// <summary>What listeners are told: of the caller, the callee, and both.</summary>
    public IReadOnlyList<StreamIdentity> Identities { get; }

    public void Add(int role, ListenerQueue listener)
    {
        if (role != StreamIdentity.Stereo)
        {
            _roles[role].Add(listener);
            return;
        }

        _stereo ??= new TappedStream(Identities[StreamIdentity.Stereo]);
        _mix ??= new StereoMix(_stereo, _roles);
        _stereo.Add(listener);
    }

    public void Remove(int role, ListenerQueue listener)
    {
        if (role != StreamIdentity.Stereo)
        {
            _roles[role].Remove(listener);
            return;
        }

        _stereo?.Remove(listener);
        if (_stereo?.IsHeard != false)
            return;
        _mix?.Dispose();
        (_stereo, _mix) = (null, null);
    }

    /// <summary>Has all listeners look again.</summary>
    public void Wake()
    {
        foreach (var stream in _roles)
            stream.Wake();
        _stereo?.Wake();
    }

    /// <summary>All must go.</summary>
    public void Leave(Goodbye goodbye)
    {
        foreach (var stream in _roles)
            stream.Leave(goodbye);
        _stereo?.Leave(goodbye);
    }

    /// <summary>Gives all that is assembled to who listens.</summary>
    public void Give()
    {
        for (int role = 0; role < _roles.Length; role++)
            Give(role);
        _mix?.Run();
    }

    /// <summary>Looks whether the call is heard from its first chunk on.</summary>
    public void Look(MediaDelivery delivery)
    {
        if (_mix is not null && !_call.HasBegun && MediaMessage.TryParse(delivery.Body.Span, out var message, out _))
            _mix.IsWhole |= message.Header.Sequence == 0 && _key.IsEpoch(message.Header.Epoch);
    }

    /// <inheritdoc/>
    public void Dispose() => _mix?.Dispose();

    private void Give(int role)
    {
        var (stream, backlog) = (_roles[role], _call[role].Backlog);
        if (!stream.HasBegun && (backlog.HasBegun || backlog.Ended is not null))
            Begin(role, backlog.Start);
        while (backlog.HasOutput)
            Give(role, backlog.Next());
        backlog.MarkFlushed();
        if (!backlog.HasBegun && backlog.Ended is not null && !stream.HasEnded)
            End(role);
    }

    private void Begin(int role, long position)
    {
        int rate = _call.SampleRate > 0 ? _call.SampleRate : UsualRate;
        _roles[role].Begin(position, rate);
        _mix?.Begin(role, position, rate);
    }

    private void Give(int role, in StreamOutput output)
    {
        switch (output.Kind)
        {
            case OutputKind.Frame when _roles[role].IsHeard || _mix is not null:
                using (var frame = new MediaBuffer(output.Frame.Length))
                {
                    output.Frame.Span.CopyTo(frame.Append(output.Frame.Length));
                    _roles[role].Frame(frame);
                    _mix?.Frame(role, frame);
                }

                break;
            case OutputKind.Frame:
                _roles[role].Skip(output.Frame.Length / sizeof(short));
                break;
            case OutputKind.Event:
                _roles[role].Event(output.Event);
                _mix?.Event(role, output.Event);
                break;
            case OutputKind.End:
                End(role);
                break;
        }
    }

    private void End(int role)
    {
        var reason = _call[role].Backlog.Ended.GetValueOrDefault();
        _roles[role].End(reason);
        _mix?.End(role, reason);
    }

    private static StreamIdentity Identity(KnownCall call, int role, string traceParent) => new()
    {
        CallId = call.CallId,
        Role = role,
        From = call.From,
        To = call.To,
        StartedAt = call.StartedAt,
        TraceParent = traceParent,
    };
}
