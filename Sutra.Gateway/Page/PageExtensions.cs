using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using static Sutra.Gateway.Page.PageFile;

namespace Sutra.Gateway.Page;

internal static class PageExtensions
{
    private const string ResourcePrefix = "wwwroot/";
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Serves the web page. Its few files are embedded, so they are there whatever the working directory, and each has a
    /// literal route, so no path can lead anywhere else.
    /// </summary>
    public static void MapPage(this IEndpointRouteBuilder app)
    {
        foreach (var file in Embedded())
        {
            app.MapMethods(file.Url, GetAndHead, (HttpRequest request, HttpResponse response) => Serve(file, request, response))
                .AllowAnonymous()
                .ExcludeFromDescription();
        }
    }

    private static FileContentHttpResult Serve(PageFile file, HttpRequest request, HttpResponse response)
    {
        var accepted = request.GetTypedHeaders().AcceptEncoding;
        var variant = file.Variants.First(variant => variant.Encoding == Variant.Identity || accepted.Any(header => Accepts(header, variant)));
        if (variant.Encoding != Variant.Identity)
        {
            response.Headers.ContentEncoding = variant.Encoding;
        }

        response.Headers.Vary = HeaderNames.AcceptEncoding;

        // Kept by browsers and asked about each time: a new version counts at once, an unchanged one costs a 304.
        response.Headers.CacheControl = "no-cache";
        return TypedResults.File(variant.Bytes, file.ContentType, entityTag: variant.Tag);
    }

    private static bool Accepts(StringWithQualityHeaderValue header, Variant variant) =>
        header.Value.Equals(variant.Encoding, StringComparison.OrdinalIgnoreCase) && header.Quality != 0;

    private static IEnumerable<PageFile> Embedded()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var content = new MemoryStream();
            stream.CopyTo(content);
            yield return new PageFile(resource[ResourcePrefix.Length..], content.ToArray());
        }
    }
}
