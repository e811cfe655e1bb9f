using CallMirror.ServiceDefaults.Startup;
using CallMirror.SipTracker.Calls;
using CallMirror.SipTracker.Outbox;
using Microsoft.Data.Sqlite;

namespace CallMirror.SipTracker.Store;

/// <summary>Why the calls of an earlier run can't be read, in one sentence for the user.</summary>
public sealed class CallStoreException(string message, Exception? inner = null) : ServiceException(message, inner);

/// <summary>
/// Keeps the calls in a SQLite file, and the turns that are not published yet, so that a restart forgets nothing. One process at a time; not for several
/// threads at once.
/// </summary>
internal sealed class CallStore : IDisposable
{
    private const int SchemaVersion = 1;
    private const int BusyTimeoutSeconds = 2;
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _save;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _keep;
    private readonly SqliteCommand _forget;

    private CallStore(SqliteConnection connection)
    {
        _connection = connection;
        _save = Prepared("INSERT INTO calls (call_id, state) VALUES ($id, $state) ON CONFLICT (call_id) DO UPDATE SET state = excluded.state");
        _save.Parameters.Add("$state", SqliteType.Blob);
        _delete = Prepared("DELETE FROM calls WHERE call_id = $id");
        _keep = Prepared("INSERT INTO turns (number, messages) VALUES ($id, $messages)");
        _keep.Parameters.Add("$messages", SqliteType.Blob);
        _forget = Prepared("DELETE FROM turns WHERE number = $id");
    }

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="CallStoreException">It can't be used; the message says why.</exception>
    public static CallStore Open(string path)
    {
        SqliteConnection? connection = null;
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
                Directory.CreateDirectory(folder);
            connection = new SqliteConnection(ConnectionString(path));
            connection.Open();
            Prepare(connection, path);
            return new CallStore(connection);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new CallStoreException(Sentence(path, e), e);
        }
    }

    /// <summary>The calls that were up. Rows that can't be understood are left out and counted.</summary>
    /// <exception cref="CallStoreException">The file is damaged.</exception>
    public IReadOnlyList<CallState> Load(out int unreadable)
    {
        var calls = new List<CallState>();
        unreadable = Read("SELECT rowid, state FROM calls ORDER BY rowid", (_, json) =>
        {
            if (!CallStateJson.TryRead(json, out var call))
                return false;
            calls.Add(call);
            return true;
        });
        return calls;
    }

    /// <summary>The turns of which it is not certain that they were published, the oldest first.</summary>
    /// <exception cref="CallStoreException">The file is damaged.</exception>
    public IReadOnlyList<Turn> LoadTurns(out int unreadable)
    {
        var turns = new List<Turn>();
        unreadable = Read("SELECT number, messages FROM turns ORDER BY number", (number, json) =>
        {
            if (!TurnJson.TryRead(number, json, out var turn))
                return false;
            turns.Add(turn);
            return true;
        });
        return turns;
    }

    /// <summary>Keeps what has changed, all or nothing.</summary>
    /// <param name="changes">Calls; a null state removes its call.</param>
    /// <param name="turn">What is to be published now.</param>
    /// <param name="published">Turns that are.</param>
    /// <exception cref="SqliteException">It could not be written.</exception>
    public void Save(IReadOnlyList<(string CallId, CallState? State)> changes, Turn? turn = null, IReadOnlyList<long>? published = null)
    {
        bool isTurn = turn is { Messages.Count: > 0 };
        if (changes.Count == 0 && !isTurn && published is null or [])
            return;
        using var transaction = _connection.BeginTransaction();
        foreach (var (callId, state) in changes)
            Execute(transaction, state is null ? _delete : _save, callId, state is null ? null : CallStateJson.Write(state));
        if (isTurn)
            Execute(transaction, _keep, turn!.Number, TurnJson.Write(turn));
        foreach (long number in published ?? [])
            Execute(transaction, _forget, number, content: null);
        transaction.Commit();
    }

    /// <summary>Writes something that changes nothing, to see whether it can.</summary>
    /// <exception cref="SqliteException">It can't.</exception>
    public void TryWrite()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $"PRAGMA user_version = {SchemaVersion}";
        command.ExecuteNonQuery();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _save.Dispose();
        _delete.Dispose();
        _keep.Dispose();
        _forget.Dispose();
        _connection.Dispose();
    }

    private static string ConnectionString(string path) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Pooling = false,
        DefaultTimeout = BusyTimeoutSeconds,
    }.ToString();

    private static void Prepare(SqliteConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        // Exclusive: two trackers on one file would each forget what the other knows.
        command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA user_version";
        long version = Convert.ToInt64(LastResult(command), System.Globalization.CultureInfo.InvariantCulture);
        if (version is not (0 or SchemaVersion))
            throw new CallStoreException($"The call state in {path} was written by another version of CallMirror: delete the file, or name another one.");
        command.CommandText =
            $"""
            CREATE TABLE IF NOT EXISTS calls (call_id TEXT PRIMARY KEY, state BLOB NOT NULL);
            CREATE TABLE IF NOT EXISTS turns (number INTEGER PRIMARY KEY, messages BLOB NOT NULL);
            PRAGMA user_version = {SchemaVersion}
            """;
        command.ExecuteNonQuery();
    }

    private static object? LastResult(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        object? last = null;
        do
        {
            while (reader.Read())
                last = reader.GetValue(0);
        }
        while (reader.NextResult());
        return last;
    }

    private SqliteCommand Prepared(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.Add(new SqliteParameter("$id", null));
        return command;
    }

    private static void Execute(SqliteTransaction transaction, SqliteCommand command, object id, byte[]? content)
    {
        command.Transaction = transaction;
        command.Parameters[0].Value = id;
        if (content is not null)
            command.Parameters[1].Value = content;
        command.ExecuteNonQuery();
    }

    // How many rows were not understood.
    private int Read(string sql, Func<long, byte[], bool> understand)
    {
        int unreadable = 0;
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            while (reader.Read())
                unreadable += reader.GetValue(1) is byte[] json && understand(reader.GetInt64(0), json) ? 0 : 1;
            return unreadable;
        }
        catch (SqliteException e)
        {
            throw new CallStoreException(Sentence(_connection.DataSource, e), e);
        }
    }

    private static string Sentence(string path, Exception e) => (e as SqliteException)?.SqliteErrorCode switch
    {
        SqliteBusy or SqliteLocked => $"The call state in {path} is in use by another process: stop that one, or name another file.",
        SqliteCorrupt or SqliteNotADatabase => $"The call state in {path} is damaged or no SQLite database: delete the file, or name another one.",
        _ => $"The call state in {path} can't be opened: {e.Message}",
    };
}
