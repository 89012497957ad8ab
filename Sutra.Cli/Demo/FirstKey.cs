namespace Sutra.Cli.Demo;

/// <summary>The API key that the gateway made on its first start and left for the owner of this checkout.</summary>
internal static class FirstKey
{
    /// <exception cref="DemoException">There is no such file, or it cannot be read.</exception>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DemoException($"No API key: {path} cannot be read; give one with --key.");
        }
    }
}
