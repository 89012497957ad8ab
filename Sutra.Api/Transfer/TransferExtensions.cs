namespace Sutra.Api.Transfer;

internal static class TransferExtensions
{
    public static void MapTransfer(this IEndpointRouteBuilder app)
    {
        app.MapExport();
        app.MapImport();
    }
}
