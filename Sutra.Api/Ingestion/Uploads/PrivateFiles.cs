namespace Sutra.Api.Ingestion.Uploads;

/// <summary>Files and folders that only the service's own user may look into.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, FileMode600 | UnixFileMode.UserExecute);
        }
    }

    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share, FileOptions options = FileOptions.None)
    {
        var file = new FileStreamOptions { Mode = mode, Access = access, Share = share, Options = options, BufferSize = 64 * 1024 };
        if (!OperatingSystem.IsWindows() && mode is not FileMode.Open)
        {
            file.UnixCreateMode = FileMode600;
        }

        return new FileStream(path, file);
    }
}
