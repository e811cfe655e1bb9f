namespace CallMirror.AllInOne.Commands;

/// <summary>Says in one sentence why a file or folder of the command line can't be used, before any work is done.</summary>
internal static class Files
{
    /// <summary>Opens a file to read.</summary>
    /// <exception cref="CommandException">It can't be.</exception>
    public static FileStream Read(string path)
    {
        if (Directory.Exists(path))
            throw new CommandException($"{path} is a folder, not a file");
        if (!File.Exists(path))
            throw new CommandException($"{path} does not exist");
        return Demand(() => File.OpenRead(path), $"{path} can't be read");
    }

    /// <summary>Makes a file, or empties it.</summary>
    /// <exception cref="CommandException">It can't be.</exception>
    public static FileStream Create(string path) => Directory.Exists(path)
        ? throw new CommandException($"{path} is a folder, not a file")
        : Demand(() => File.Create(path), $"{path} can't be written");

    /// <summary>Makes a folder where it is missing; returns its full path.</summary>
    /// <exception cref="CommandException">It can't be made, or not be written to.</exception>
    public static string Folder(string path) => File.Exists(path)
        ? throw new CommandException($"{path} is a file, not a folder")
        : Demand(() => WritableFolder(path), $"the folder {path} can't be written to");

    private static string WritableFolder(string path)
    {
        string folder = Directory.CreateDirectory(path).FullName;
        string trial = Path.Combine(folder, $".callmirror-{Guid.NewGuid():N}");
        using (new FileStream(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose))
            return folder;
    }

    private static T Demand<T>(Func<T> use, string complaint)
    {
        try
        {
            return use();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CommandException($"{complaint}: permission denied", e);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            throw new CommandException($"{complaint}: {e.Message}", e);
        }
    }
}
