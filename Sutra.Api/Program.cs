using Sutra.Api;
using Sutra.Contracts.Identity;
using Sutra.ServiceDefaults.Startup;

return StartupError.Run(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddSutraServiceDefaults();
    builder.AddInternalIdentity();
    builder.AddApi();

    var app = builder.Build();
    app.UseAuthentication();
    app.UseAuthorization();
    app.MapSutraDefaultEndpoints();
    app.MapApi();
    app.Run();
});
