using Sutra.Contracts.Identity;
using Sutra.ServiceDefaults.Startup;
using Sutra.Storage;

return StartupError.Run(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddSutraServiceDefaults();
    builder.AddInternalIdentity();
    builder.AddGrpcEndpoint();
    builder.AddStorage();

    var app = builder.Build();
    app.UseAuthentication();
    app.UseAuthorization();
    app.MapSutraDefaultEndpoints();
    app.MapStorage();
    app.Run();
});
