using System.Globalization;
using CallMirror.Contracts.Calls;
using CallMirror.Protocols.Packets;
using CallMirror.Scripts.Tests.Scripts;
using CallMirror.Scripts.Tests.Truth;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>Plays the SIP of one call.</summary>
internal sealed class SipPlayer
{
    private readonly CallPlan _plan;
    private readonly Stage _stage;
    private readonly CallTimes _times;
    private readonly int _lagMs;
    private readonly TransportAddress _caller;
    private readonly TransportAddress _callee;
    private readonly string? _toTag;
    private readonly Relay? _relay;
    private string _fromTag;
    private int _cseq = 1;
    private int _transactions;

    public SipPlayer(CallPlan plan, Stage stage, int lagMs)
    {
        (_plan, _stage, _lagMs, _times) = (plan, stage, lagMs, new CallTimes(plan));
        var proxy = Addresses.Of(Addresses.Host(plan, "198.51.100.200"), 5060);
        _caller = plan.Fork == Fork.Serial ? proxy : Addresses.Of(plan.Caller.Host, plan.Caller.SipPort);
        _callee = plan.Fork is Fork.LoserSings or Fork.BothSing ? proxy : Addresses.Of(plan.Callee.Host, plan.Callee.SipPort);
        _relay = plan.IsRelayed ? new Relay(plan) : null;
        (_fromTag, _toTag) = (Tag("f"), plan.NoToTag ? null : Tag("t"));
    }

    public void Play()
    {
        int begun = SetUp();
        Reply(begun + 5, 100);
        Ring(begun + 25);
        if ((_plan.Missing & Missing.Answer) == 0)
            Reply(_times.Answer, 200, SipText.Sdp(_plan.Callee), headers: Session);
        if ((_plan.Missing & Missing.Ack) == 0)
            FromCaller(_times.Answer + CallTimes.AckMs, Line("ACK", _toTag, New()));
        if (_plan.HoldAfterMs != 0)
            Hold();
        if (_plan.MoveAfterMs != 0)
            Reinvite(_times.Move - CallTimes.ReplyMs, _plan.Caller.MovedBy(100), _plan.Callee.MovedBy(100), version: 9);
        if ((_plan.Missing & Missing.Bye) == 0)
            Bye();
        bool maySplit = _plan.Challenge != Challenge.None || _plan.Fork is Fork.Serial or Fork.NextTry;
        EndReason? reason = (_plan.Missing & Missing.Bye) == 0 ? EndReason.Bye : null;
        _stage.Calls.Add(new CallTruth(_plan.Id, _plan.CallId, Stage.Ns((_times.Invite + _lagMs) * 1000L), maySplit, reason));
    }

    // All that is said before the INVITE that is answered in the end.
    private int SetUp()
    {
        int at = _times.Invite;
        if (_plan.Fork == Fork.Serial)
        {
            for (int i = 0; i < _plan.Refusals; i++, at += 100)
                Refuse(at, Addresses.Of(Addresses.Host(_plan, $"192.0.2.{201 + i}"), 5060), $"r{i}-");
        }
        else if (_plan.Fork == Fork.NextTry)
        {
            at = TryInVain(at);
        }
        else if (_plan.Challenge != Challenge.None)
        {
            Invite(at, _callee);
            Reply(at + 15, 407, tag: Tag("c"), headers: "Proxy-Authenticate: Digest realm=\"pbx\", nonce=\"1\"\r\n");
            FromCaller(at + 20, Line("ACK", Tag("c"), Last));
            at += 40;
            _cseq += _plan.Challenge == Challenge.SameCSeq ? 0 : 1;
            _fromTag = _plan.Challenge == Challenge.NewFromTag ? Tag("g") : _fromTag;
        }

        Invite(at, _callee);
        return at;
    }

    // The caller itself goes on to another target (RFC 3261 §8.1.3.4).
    private int TryInVain(int at)
    {
        Invite(at, _callee);
        if (_plan.FirstTryEarlyMs > 0)
            Reply(at + 20, 183, SipText.Sdp(LoserOf(_plan)), Tag("r"));
        at += FirstTryBeginsMs + _plan.FirstTryEarlyMs;
        Reply(at, _plan.RefusedWith, tag: Tag("r"));
        FromCaller(at + 5, Line("ACK", Tag("r"), Last));
        _cseq++;
        return at + 30;
    }

    private void Refuse(int at, TransportAddress target, string kind)
    {
        Invite(at, target);
        string tag = Tag(kind);
        From(at + 10, target, SipText.Response(Line("INVITE", tag, Last), 180));
        if (_plan.RefusedWith == 487)
        {
            To(at + 60, target, SipText.Request(Line("CANCEL", null, Last)));
            From(at + 65, target, SipText.Response(Line("CANCEL", tag, Last), 200));
        }

        From(at + 70, target, SipText.Response(Line("INVITE", tag, Last), _plan.RefusedWith));
        To(at + 75, target, SipText.Request(Line("ACK", tag, Last)));
    }

    private void Ring(int at)
    {
        if (_plan.Fork is Fork.LoserSings or Fork.BothSing)
            Reply(_times.EarlyBegin - 5, 183, SipText.Sdp(LoserOf(_plan)), Tag("l"));
        if (_plan.EarlyMs > 0 && _plan.EarlyIsAnnounced && _plan.Fork is Fork.None or Fork.BothSing or Fork.NextTry)
            Reply(_times.EarlyBegin - 10, 183, SipText.Sdp(_plan.Callee));
        else
            Reply(at, 180);
    }

    /// <summary>From the INVITE to the first early media of a try in vain.</summary>
    public const int FirstTryBeginsMs = 30;

    /// <summary>The other target of a fork.</summary>
    public static PartyPlan LoserOf(CallPlan plan) => plan.Callee with { Host = Addresses.Host(plan, "203.0.113.99"), Port = 30_000 + 2 * plan.Id };

    private void Hold()
    {
        int at = _times.Answer + _plan.HoldAfterMs;
        Reinvite(at, _plan.Caller, _plan.Callee, version: 2, "sendonly", "recvonly");
        Reinvite(at + CallTimes.HoldMs, _plan.Caller, _plan.Callee, version: 3);
    }

    private void Reinvite(int at, PartyPlan caller, PartyPlan callee, int version, string offer = "sendrecv", string answer = "sendrecv")
    {
        _cseq++;
        FromCaller(at, Line("INVITE", _toTag, New()), SipText.Sdp(caller, offer, version));
        Reply(at + CallTimes.ReplyMs, 200, SipText.Sdp(callee, answer, version));
        FromCaller(at + CallTimes.ReplyMs + CallTimes.AckMs, Line("ACK", _toTag, New()));
    }

    private void Bye()
    {
        _cseq++;
        var line = Line("BYE", _toTag, New());
        if (!_plan.CalleeHangsUp)
        {
            FromCaller(_times.Bye, line);
            From(_times.Bye + 10, _callee, SipText.Response(line, 200));
            return;
        }

        line = line with { FromTag = _toTag, ToTag = _fromTag, CSeq = 1, From = line.To, To = line.From };
        From(_times.Bye, _callee, SipText.Request(line));
        To(_times.Bye + 10, _callee, SipText.Response(line, 200));
    }

    private void Invite(int at, TransportAddress target) => To(at, target, SipText.Request(Line("INVITE", null, New()), SipText.Sdp(_plan.Caller)));

    private void Reply(int at, int status, string? sdp = null, string? tag = null, string headers = "") =>
        From(at, _callee, SipText.Response(Line("INVITE", status == 100 ? null : tag ?? _toTag, Last) with { Headers = headers }, status, sdp));

    private void FromCaller(int at, SipLine line, string? sdp = null) => To(at, _callee, SipText.Request(line, sdp));

    private void To(int at, TransportAddress target, byte[] message)
    {
        long us = (at + _lagMs) * 1000L;
        _stage.Sip(us, _plan, _caller, _relay?.Sip ?? target, message);
        if (_relay is not null)
            _stage.Sip(us + Relay.DelayUs, _plan, _relay.Sip, target, _relay.Rewrite(message, fromCaller: true));
    }

    private void From(int at, TransportAddress source, byte[] message)
    {
        _stage.Sip(at * 1000L, _plan, source, _relay?.Sip ?? _caller, message);
        if (_relay is not null)
            _stage.Sip(at * 1000L + Relay.DelayUs, _plan, _relay.Sip, _caller, _relay.Rewrite(message, fromCaller: false));
    }

    private SipLine Line(string method, string? toTag, string branch) => new(_plan.CallId, _fromTag, toTag, _cseq, method, branch)
    {
        From = $"sip:1001@{Bracketed(Addresses.Host(_plan, "198.51.100.10"))}",
        To = $"sip:2002@{Bracketed(Addresses.Host(_plan, "192.0.2.1"))}",
        SentBy = $"{(_plan.Carriage.Over == SipOver.Tcp ? "TCP" : "UDP")} {Bracketed(Addresses.Host(_plan, "198.51.100.10"))}:5060",
    };

    private static string Bracketed(string host) => host.Contains(':') ? $"[{host}]" : host;

    private string Tag(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}{_plan.Id}");

    private string Session => _plan.SessionSeconds == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"Session-Expires: {_plan.SessionSeconds};refresher=uac\r\n");

    private string Last => string.Create(CultureInfo.InvariantCulture, $"{_plan.Id}-{_transactions}");

    private string New()
    {
        _transactions++;
        return Last;
    }
}
