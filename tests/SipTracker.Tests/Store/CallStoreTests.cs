using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Control;
using CallMirror.SipTracker.Calls;
using CallMirror.SipTracker.Outbox;
using CallMirror.SipTracker.Store;
using CallMirror.SipTracker.Tests.Calls;
using CallMirror.SipTracker.Tests.Captures;
using Microsoft.Data.Sqlite;

namespace CallMirror.SipTracker.Tests.Store;

/// <summary>Calls in a real SQLite file, over restarts.</summary>
public sealed class CallStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Phone _phone = new();

    private string Path => _folder.File("state/calls.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_restart_between_any_two_messages_changes_no_event()
    {
        foreach (string capture in (string[])["register-call", "hold-inactive-c0", "reneg-codec", "cancel", "transfer-blind", "early-media-fail"])
        {
            var messages = CaptureFile.Messages(capture).ToList();
            var steady = new CallTracker();
            var expected = messages.SelectMany(steady.Handle).Select(Text).ToList();

            var restarted = new List<string>();
            foreach (var message in messages)
                Run(Path, tracker => restarted.AddRange(tracker.Handle(message).Select(Text)));
            Assert.Equal(expected, restarted);
            File.Delete(Path);
        }
    }

    [Fact]
    public void A_restart_keeps_hops_targets_and_a_peer_without_to_tag_apart()
    {
        SipMessageCaptured[] messages =
        [
            _phone.Invite(branch: "one"), _phone.Reply(183, 1, "10.0.0.3 6000 RTP/AVP 8", tag: "x", branch: "one"), _phone.Invite("10.0.9.2 30000 RTP/AVP 8", branch: "two"),
            _phone.Reply(503, 1, tag: "x", branch: "one"), _phone.Reply(200, 1, Phone.CalleeSdp, tag: null, branch: "two"), _phone.Caller("ACK", 1, to: null),
            _phone.Caller("INVITE", 2, "10.0.0.1 4444 RTP/AVP 8", to: null), _phone.Reply(200, 2, Phone.CalleeSdp, tag: null), _phone.Caller("BYE", 3, to: null),
            _phone.Invite(cseq: 4), _phone.Reply(200, 4, Phone.CalleeSdp),
        ];
        var steady = new CallTracker();
        var restarted = new List<string>();
        foreach (var message in messages)
            Run(Path, tracker => restarted.AddRange(tracker.Handle(message).Select(Text)));

        Assert.Equal(messages.SelectMany(steady.Handle).Select(Text), restarted);
        Assert.Equal(2, restarted.Count(text => text.StartsWith(nameof(CallStarted), StringComparison.Ordinal)));
    }

    [Fact]
    public void Everything_a_call_knows_survives()
    {
        var before = Run(Path, tracker =>
        {
            foreach (var message in _phone.Up().Append(_phone.Caller("INVITE", 2)).Append(_phone.Reply(200, 2, Phone.CalleeSdp + " sendonly", headers: "Session-Expires: 90\r\n")))
                tracker.Handle(message);
        });
        using var store = CallStore.Open(Path);

        var call = Assert.Single(store.Load(out int unreadable));
        Assert.Equal(0, unreadable);
        Assert.Equal(CallStateJson.Write(before!), CallStateJson.Write(call));
        Assert.Equal((CallPhase.Answered, "b", 90), (call.Phase, call.AnsweredTag, call.SessionSeconds));
        Assert.NotNull(call.ExchangeOf(0, 2)!.CounterOfferOf("b"));
    }

    [Fact]
    public void An_ended_call_absorbs_retransmissions_over_a_restart_and_then_goes()
    {
        Run(Path, tracker =>
        {
            foreach (var message in _phone.Up().Append(_phone.Caller("BYE", 2)))
                tracker.Handle(message);
        });
        Run(Path, tracker => Assert.Empty(tracker.Handle(_phone.Caller("BYE", 2))));
        Run(Path, tracker => Assert.Empty(tracker.Tick(_phone.Now.AddSeconds(60))));

        using var store = CallStore.Open(Path);
        Assert.Empty(store.Load(out _));
    }

    [Fact]
    public void Timers_go_on_over_a_restart()
    {
        Run(Path, tracker => tracker.Handle(_phone.Invite()));
        Run(Path, tracker => Assert.Equal(EndReason.Timeout, Assert.IsType<CallEnded>(Assert.Single(tracker.Tick(_phone.Now.AddMinutes(10)))).Reason));
    }

    [Fact]
    public void A_row_that_is_not_understood_is_counted_and_the_others_go_on()
    {
        Run(Path, tracker => tracker.Handle(_phone.Invite()));
        using (var connection = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO calls VALUES ('x', CAST('{' AS BLOB)), ('y', 'text')";
            command.ExecuteNonQuery();
        }

        using var store = CallStore.Open(Path);
        Assert.Single(store.Load(out int unreadable));
        Assert.Equal(2, unreadable);
    }

    [Fact]
    public void What_was_to_be_published_survives_until_it_is_known_to_be()
    {
        var answer = new SipMessageHandled { CaptureId = "c", Sequence = 3, CallId = "call-1" };
        object[] messages = [.. _phone.Up().SelectMany(new CallTracker().Handle), new CallHeld { CallId = "call-1", At = _phone.Now, By = 1 }, answer];
        using (var store = CallStore.Open(Path))
        {
            store.Save([], new Turn(1, [new ControlMessage(answer)]));
            store.Save([], new Turn(2, [.. messages.Select(message => new ControlMessage(message))]));
            store.Save([], new Turn(3, [new ControlMessage(answer)]), published: [1]);
        }

        using var again = CallStore.Open(Path);
        var turns = again.LoadTurns(out int unreadable);
        Assert.Equal(0, unreadable);
        Assert.Equal([2L, 3L], turns.Select(turn => turn.Number));
        Assert.Equal(messages.Select(Text), turns[0].Messages.Select(message => Text(message.Message)));
    }

    [Fact]
    public void A_turn_that_is_not_understood_is_counted_and_the_others_go_on()
    {
        using (var store = CallStore.Open(Path))
            store.Save([], new Turn(7, [new ControlMessage(new CallAnswered { CallId = "x", At = _phone.Now })]));
        using (var connection = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """INSERT INTO turns VALUES (1, CAST('[{"Type":"Unheard","Body":{}}]' AS BLOB)), (2, 'text'), (3, CAST('[{"Type":"CallHeld","Body":{}}]' AS BLOB))""";
            command.ExecuteNonQuery();
        }

        using var again = CallStore.Open(Path);
        Assert.Equal(7, Assert.Single(again.LoadTurns(out int unreadable)).Number);
        Assert.Equal(3, unreadable);
    }

    [Fact]
    public void A_file_that_is_no_database_gets_one_sentence()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllText(Path, new string('x', 10_000));

        var e = Assert.Throws<CallStoreException>(() => CallStore.Open(Path));
        Assert.Equal($"The call state in {Path} is damaged or no SQLite database: delete the file, or name another one.", e.Message);
    }

    [Fact]
    public void A_file_in_use_gets_one_sentence()
    {
        using var first = CallStore.Open(Path);

        var e = Assert.Throws<CallStoreException>(() => CallStore.Open(Path));
        Assert.Equal($"The call state in {Path} is in use by another process: stop that one, or name another file.", e.Message);
    }

    [Fact]
    public void A_folder_in_place_of_the_file_gets_one_sentence()
    {
        Directory.CreateDirectory(Path);

        Assert.StartsWith($"The call state in {Path} can't be opened: ", Assert.Throws<CallStoreException>(() => CallStore.Open(Path)).Message, StringComparison.Ordinal);
    }

    // One life of a tracker: restored, used, saved, gone.
    private static CallState? Run(string path, Action<CallTracker> use)
    {
        using var store = CallStore.Open(path);
        var tracker = new CallTracker(new SipTrackerOptions { StatePath = path });
        tracker.Restore(store.Load(out _));
        use(tracker);
        var changes = tracker.TakeChanges();
        store.Save(changes);
        return changes is [.., var last] ? last.State : null;
    }

    private static string Text(object e) => e is MediaNegotiated media ? $"{media with { Streams = [], CallerHosts = [], CalleeHosts = [] }} {string.Join(' ', media.CallerHosts.Concat(media.CalleeHosts))} {string.Join(' ', media.Streams.Select(s => $"{s.Sender}>{s.Receiver}"))}" : e.ToString()!;
}
