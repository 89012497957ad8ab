using Sutra.Gateway;
using Sutra.Gateway.Errors;
using Sutra.Gateway.Identity;
using Sutra.Gateway.Keys;
using Sutra.Gateway.Page;
using Sutra.Gateway.Routing;
using Sutra.Gateway.Security;
using Sutra.ServiceDefaults.Startup;

return StartupError.Run(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddSutraServiceDefaults();
    builder.AddGatewayOptions();
    builder.AddPrivateLogs();
    builder.AddRequestLimits();
    builder.AddErrors();
    builder.AddApiKeys();
    builder.AddCallerIdentity();
    builder.AddRoutes();
    builder.AddNoDataProtection();

    var app = builder.Build();
    app.UseSecurityHeaders();
    app.UseRequestLimits();
    app.UseRouting();
    app.UseAuthentication();
    app.UseAuthorization();

    app.MapSutraDefaultEndpoints();
    app.MapPage();
    app.MapRoutes();
    app.Run();
});
