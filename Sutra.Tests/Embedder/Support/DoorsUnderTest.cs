using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Support;

/// <summary>The real embedder with a small model, called <see cref="RichModel.Name"/>, for all tests of a class.</summary>
internal sealed class DoorsUnderTest : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private DoorsUnderTest(TemporaryFolder folder, EmbedderProcess embedder)
    {
        _folder = folder;
        Embedder = embedder;
        Http = embedder.CreateClient();
    }

    public EmbedderProcess Embedder { get; }

    /// <summary>A caller who may read.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts with a <see cref="RichModel"/> and waits until it is ready.</summary>
    public static Task<DoorsUnderTest> StartAsync(params (string Name, string Value)[] settings) => StartAsync(static folder => RichModel.Write(folder), settings);

    /// <param name="write">Writes the model into the folder that it is given.</param>
    public static async Task<DoorsUnderTest> StartAsync(Action<string> write, params (string Name, string Value)[] settings)
    {
        var folder = new TemporaryFolder();
        try
        {
            write(folder.File(RichModel.Name));
            return new DoorsUnderTest(folder, await EmbedderProcess.StartAsync(folder.File(RichModel.Name), settings));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Embedder.DisposeAsync();
        _folder.Dispose();
    }
}
