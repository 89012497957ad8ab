var builder = WebApplication.CreateBuilder(args);
builder.AddSutraServiceDefaults();

var app = builder.Build();
app.MapSutraDefaultEndpoints();
app.Run();
