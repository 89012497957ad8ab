using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sutra.Api.Auditing;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Uploads;
using Sutra.Api.Ingestion.Workers;

namespace Sutra.Api.Ingestion.Endpoints;

/// <summary>Takes an upload in, as it comes, and makes a job of it.</summary>
internal sealed class JobUploads(UploadReceiver receiver, JobCreator creator, IOptions<IngestionOptions> options)
{
    private const int MaxFieldBytes = 16 * 1024;
    private const int MaxFields = 16;

    public async Task<Job> ReceiveAsync(HttpContext context, CancellationToken cancellation)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // A form has a little more than its file.
            size.MaxRequestBodySize = options.Value.MaxUploadBytes + (1 << 20);
        }

        var request = context.Request;
        if (request.Headers.ContentEncoding.Count > 0)
        {
            throw JobSettings.UnsupportedFormat();
        }

        if (request.ContentLength > options.Value.MaxUploadBytes + (1 << 20))
        {
            throw receiver.TooLarge();
        }

        try
        {
            return MultipartBoundary(request) is { } boundary
                ? await ReceiveFormAsync(context, boundary, cancellation)
                : await ReceiveBodyAsync(context, cancellation);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw receiver.TooLarge();
        }
    }

    private async Task<Job> ReceiveBodyAsync(HttpContext context, CancellationToken cancellation)
    {
        var format = JobSettings.FormatOf(context.Request.ContentType) ?? throw JobSettings.UnsupportedFormat();
        var settings = Settings(context, new Dictionary<string, string>(StringComparer.Ordinal));
        await creator.CheckCollectionAsync(settings.Collection, Caller.Of(context), cancellation);
        var id = creator.NewId();
        await using var upload = await receiver.ReceiveAsync(id, format, context.Request.BodyReader, cancellation);
        return await creator.CreateAsync(id, format, settings, upload, Caller.Of(context), scheduleId: null, cancellation);
    }

    private async Task<Job> ReceiveFormAsync(HttpContext context, string boundary, CancellationToken cancellation)
    {
        // What can be known wrong before a gigabyte has come is said before.
        _ = Settings(context, new Dictionary<string, string>(StringComparer.Ordinal));
        var reader = new MultipartReader(boundary, context.Request.Body);
        var form = new Dictionary<string, string>(StringComparer.Ordinal);
        ReceivedUpload? upload = null;
        JobFormat format = default;
        var id = creator.NewId();
        try
        {
            while (await NextAsync(reader, cancellation) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || !disposition.IsFormDisposition() && !disposition.IsFileDisposition())
                {
                    throw ApiProblem.Invalid("body", "A part of the form is neither a field nor a file.");
                }

                if (!disposition.IsFileDisposition())
                {
                    await ReadFieldAsync(form, disposition.Name.ToString().Trim('"'), section, cancellation);
                    continue;
                }

                if (upload is not null)
                {
                    throw ApiProblem.Invalid("body", "A form has one file.");
                }

                var name = (disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).ToString().Trim('"');
                format = JobSettings.FormatOf(section.ContentType, name) ?? throw JobSettings.UnsupportedFormat();
                upload = await receiver.ReceiveAsync(id, format, PipeReader.Create(section.Body, new StreamPipeReaderOptions(bufferSize: 64 * 1024)), cancellation);
            }

            if (upload is null)
            {
                throw ApiProblem.Invalid("body", "The form has no file.");
            }

            var settings = Settings(context, form);
            await creator.CheckCollectionAsync(settings.Collection, Caller.Of(context), cancellation);
            return await creator.CreateAsync(id, format, settings, upload, Caller.Of(context), scheduleId: null, cancellation);
        }
        finally
        {
            if (upload is not null)
            {
                await upload.DisposeAsync();
            }
        }
    }

    private JobSettings Settings(HttpContext context, IReadOnlyDictionary<string, string> form) =>
        JobSettings.From(context.Request, form, options.Value.WebhookSecret is not null);

    private static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellation);
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException and not BadHttpRequestException))
        {
            throw ApiProblem.Invalid("body", "The form cannot be read: it ends too early, or its parts have too large heads.");
        }
    }

    private static async Task ReadFieldAsync(Dictionary<string, string> form, string name, MultipartSection section, CancellationToken cancellation)
    {
        var buffer = new byte[MaxFieldBytes + 1];
        var length = await section.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        if (length > MaxFieldBytes || form.Count == MaxFields)
        {
            throw ApiProblem.Invalid("body", $"A form has at most {MaxFields} fields of at most {MaxFieldBytes} bytes.");
        }

        form[name] = System.Text.Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static string? MultipartBoundary(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var media) || !media.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var boundary = HeaderUtilities.RemoveQuotes(media.Boundary).ToString();
        return boundary.Length is > 0 and <= 70 ? boundary : throw ApiProblem.Invalid("body", "The form's boundary must have 1 to 70 characters.");
    }
}
