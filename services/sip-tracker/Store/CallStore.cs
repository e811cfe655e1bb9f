using CallMirror.ServiceDefaults.Startup;
using CallMirror.SipTracker.Calls;
using Microsoft.Data.Sqlite;

namespace CallMirror.SipTracker.Store;

/// <summary>Why the calls of an earlier run can't be read, in one sentence for the user.</summary>
public sealed class CallStoreException(string message, Exception? inner = null) : ServiceException(message, inner);

/// <summary>Keeps the calls in a SQLite file, so that a restart forgets nothing. One process at a time; not for several threads at once.</summary>
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

    private CallStore(SqliteConnection connection)
    {
        _connection = connection;
        _save = Prepared("INSERT INTO calls (call_id, state) VALUES ($id, $state) ON CONFLICT (call_id) DO UPDATE SET state = excluded.state");
        _save.Parameters.Add("$state", SqliteType.Blob);
        _delete = Prepared("DELETE FROM calls WHERE call_id = $id");
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
        unreadable = 0;
        var calls = new List<CallState>();
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "SELECT state FROM calls ORDER BY rowid";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                if (reader.GetValue(0) is byte[] json && CallStateJson.TryRead(json, out var call))
                    calls.Add(call);
                else
                    unreadable++;
            }
        }
        catch (SqliteException e)
        {
            throw new CallStoreException(Sentence(_connection.DataSource, e), e);
        }

        return calls;
    }

    /// <summary>Keeps what has changed, all or nothing; a null state removes its call.</summary>
    /// <exception cref="SqliteException">It could not be written.</exception>
    public void Save(IReadOnlyList<(string CallId, CallState? State)> changes)
    {
        if (changes.Count == 0)
            return;
        using var transaction = changes.Count > 1 ? _connection.BeginTransaction() : null;
        foreach (var (callId, state) in changes)
        {
            var command = state is null ? _delete : _save;
            command.Transaction = transaction;
            command.Parameters["$id"].Value = callId;
            if (state is not null)
                command.Parameters["$state"].Value = CallStateJson.Write(state);
            command.ExecuteNonQuery();
        }

        transaction?.Commit();
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
        command.CommandText = $"CREATE TABLE IF NOT EXISTS calls (call_id TEXT PRIMARY KEY, state BLOB NOT NULL); PRAGMA user_version = {SchemaVersion}";
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
        command.Parameters.Add("$id", SqliteType.Text);
        return command;
    }

    private static string Sentence(string path, Exception e) => (e as SqliteException)?.SqliteErrorCode switch
    {
        SqliteBusy or SqliteLocked => $"The call state in {path} is in use by another process: stop that one, or name another file.",
        SqliteCorrupt or SqliteNotADatabase => $"The call state in {path} is damaged or no SQLite database: delete the file, or name another one.",
        _ => $"The call state in {path} can't be opened: {e.Message}",
    };
}
