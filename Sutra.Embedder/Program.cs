using Sutra.Contracts.Identity;
using Sutra.Embedder;
using Sutra.Embedder.Http;
using Sutra.ServiceDefaults.Startup;

return StartupError.Run(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddSutraServiceDefaults();
    builder.AddInternalIdentity();
    builder.AddGrpcEndpoint();
    builder.AddEmbedder();

    var app = builder.Build();
    app.UseErrorShapes();
    app.UseAuthentication();
    app.UseAuthorization();
    app.MapSutraDefaultEndpoints();
    app.MapEmbedder();
    app.Run();
});
