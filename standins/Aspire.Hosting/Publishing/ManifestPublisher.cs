using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Publishing;

/// <summary><c>--publisher manifest --output-path P</c>: describes the application and starts nothing.</summary>
internal sealed class ManifestPublisher(
    IConfiguration configuration, DistributedApplicationExecutionContext executionContext, IResourceCollection resources)
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task PublishAsync(CancellationToken cancellation)
    {
        if (resources.OfType<IComputeEnvironmentResource>().FirstOrDefault() is { } environment)
        {
            throw new DistributedApplicationException(
                $"Publishing to {PlatformOf(environment)} needs the real Aspire packages: build with PackageFeed=full on a machine whose package feed has them.");
        }

        var step = configuration["Pipeline:Step"];
        if (executionContext.PublisherName != "manifest" || step is not (null or "publish-manifest"))
        {
            throw new DistributedApplicationException(
                $"Without the real Aspire packages only '--publisher manifest' and '--operation publish --step publish-manifest' can be published, not '{step ?? executionContext.PublisherName}'.");
        }

        var asked = configuration["Pipeline:OutputPath"];
        if (string.IsNullOrEmpty(asked))
        {
            throw new DistributedApplicationException("The '--output-path [path]' option was not specified even though manifest publishing was requested.");
        }

        var path = Path.GetFullPath(asked.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? asked : Path.Combine(asked, "aspire-manifest.json"));
        try
        {
            await WriteAsync(path, await CreateAsync(path, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"The manifest {path} cannot be written: {e.Message}", e);
        }

        Console.WriteLine($"Published manifest to: {path}");
    }

    private static string PlatformOf(IResource environment) =>
        environment.GetType().Name.StartsWith("Kubernetes", StringComparison.Ordinal) ? "Kubernetes" : "Azure Container Apps";

    /// <summary>Whole or not at all: a reader never sees half a manifest, and a failure leaves the old one.</summary>
    private static async Task WriteAsync(string path, byte[] manifest, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await File.WriteAllBytesAsync(temporary, manifest, cancellation).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task<byte[]> CreateAsync(string path, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            await new ManifestWriter(new ManifestPublishingContext(executionContext, path, writer, cancellation)).WriteAsync(resources).ConfigureAwait(false);
        }

        using var manifest = JsonDocument.Parse(buffer.ToArray());
        DeploymentRules.Check(manifest.RootElement);
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
