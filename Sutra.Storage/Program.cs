using Sutra.ServiceDefaults.Startup;

return StartupError.Run(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddSutraServiceDefaults();

    var app = builder.Build();
    app.MapSutraDefaultEndpoints();
    app.Run();
});
