using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Health;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Parameters;
using Aspire.Hosting.Projects;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    /// <summary>The AppHost's own switches, and the configuration keys that they set.</summary>
    private static readonly Dictionary<string, string> s_switches = new()
    {
        ["--operation"] = "AppHost:Operation",
        ["--publisher"] = "Publishing:Publisher",
        ["--output-path"] = "Pipeline:OutputPath",
        ["--step"] = "Pipeline:Step",
        ["--log-level"] = "Pipeline:LogLevel",
        ["--environment"] = "Pipeline:Environment",
        ["--dcp-cli-path"] = "DcpPublisher:CliPath",
        ["--dcp-container-runtime"] = "DcpPublisher:ContainerRuntime",
        ["--dcp-dashboard-path"] = "DcpPublisher:DashboardPath",
    };

    private readonly HostApplicationBuilder _host;
    private DistributedApplication? _built;

    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        AppHostAssembly = options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();
        AppHostDirectory = options.ProjectDirectory ?? BuiltProjects.AppHostDirectoryOf(AppHostAssembly) ?? Directory.GetCurrentDirectory();
        var commandLine = new ConfigurationBuilder().AddCommandLine(options.Args ?? [], s_switches).Build();
        _host = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            ContentRootPath = Directory.Exists(AppHostDirectory) ? AppHostDirectory : Directory.GetCurrentDirectory(),
            EnvironmentName = commandLine["Pipeline:Environment"]
                ?? System.Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
                ?? System.Environment.GetEnvironmentVariable("ASPIRE_ENVIRONMENT"),
            ApplicationName = AppHostAssembly?.GetName().Name,
        });
        // Generated passwords must survive a restart in every environment, not only in Development.
        UserSecrets = UserSecretsFile.Of(AppHostAssembly);
        if (UserSecrets is { } secrets)
        {
            _host.Configuration.Sources.Insert(0, new MemoryConfigurationSourceOf(secrets.Read()));
        }

        _host.Configuration.AddCommandLine(options.Args ?? [], s_switches);
        ExecutionContext = CreateExecutionContext(_host.Configuration);
        AddServices(options);
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    public IResourceCollection Resources { get; } = new ResourceCollection();

    internal UserSecretsFile? UserSecrets { get; }

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        if (_built is not null)
        {
            throw new InvalidOperationException("Build can only be called once.");
        }

        _built = new DistributedApplication(_host.Build());
        ExecutionContext.ServicesSource = () => _built.Services;
        return _built;
    }

    private static DistributedApplicationExecutionContext CreateExecutionContext(IConfiguration configuration)
    {
        var publisher = configuration["Publishing:Publisher"];
        var operation = configuration["AppHost:Operation"];
        if (operation is not null && !Enum.TryParse<DistributedApplicationOperation>(operation, ignoreCase: true, out _))
        {
            throw new DistributedApplicationException($"--operation is '{operation}'; it must be 'run' or 'publish'.");
        }

        var publish = publisher is not null || (operation is not null && operation.Equals("publish", StringComparison.OrdinalIgnoreCase));
        return new DistributedApplicationExecutionContext(
            publish ? DistributedApplicationOperation.Publish : DistributedApplicationOperation.Run,
            publisher ?? "manifest");
    }

    private void AddServices(DistributedApplicationOptions options)
    {
        _host.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        // A failed start is reported once, in one line, by DistributedApplication.
        _host.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        _host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        _host.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        _host.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromMinutes(2));
        _host.Services.AddHealthChecks();
        // Health checks ask this machine: a proxy of the user's has no part in that.
        _host.Services.AddHttpClient(HttpHealthCheck.ClientName)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        _host.Services.TryAddSingleton(TimeProvider.System);
        _host.Services.AddSingleton(Resources);
        _host.Services.AddSingleton(ExecutionContext);
        _host.Services.AddSingleton(Eventing);
        _host.Services.AddSingleton(new AppHostInfo(AppHostDirectory, AppHostAssembly, options.DisableDashboard));
        _host.Services.AddSingleton<ResourceNotificationService>();
        if (ExecutionContext.IsRunMode)
        {
            OrchestrationServices.Add(_host.Services);
            _host.Services.AddSingleton<HealthMonitor>();
        }
    }
}

internal sealed record AppHostInfo(string Directory, Assembly? Assembly, bool DashboardDisabled);
