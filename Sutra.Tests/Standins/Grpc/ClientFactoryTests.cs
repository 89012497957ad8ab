using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.ClientFactory;
using Microsoft.Extensions.DependencyInjection;

namespace Sutra.Tests.Standins.GrpcRuntime;

[TestClass]
public sealed class ClientFactoryTests
{
    private static ProbeHost _host = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) =>
        _host = await ProbeHost.StartAsync(options => options.Interceptors.Add<ServerStamp>("server"));

    [ClassCleanup]
    public static async Task StopAsync() => await _host.DisposeAsync();

    [TestMethod]
    public async Task A_client_comes_from_the_services_and_its_address_reaches_the_handlers_as_it_is()
    {
        var seen = new List<Uri>();
        await using var services = Services(collection => collection
            .AddGrpcClient<Probe.ProbeClient>(options => options.Address = new Uri("http://_grpc.storage"))
            .AddHttpMessageHandler(() => new Resolve(seen)));

        Assert.AreEqual("hi", (await services.GetRequiredService<Probe.ProbeClient>().UnaryAsync(new ProbeRequest { Text = "hi" })).Text);
        Assert.AreEqual("http://_grpc.storage/sutra.tests.probe.v1.Probe/Unary", seen.Single().AbsoluteUri);
    }

    [TestMethod]
    public async Task All_shapes_of_calls_pass_the_handlers_of_the_HTTP_client_factory()
    {
        await using var services = Services(collection => collection
            .AddGrpcClient<Probe.ProbeClient>(options => options.Address = new Uri("http://_grpc.storage"))
            .AddHttpMessageHandler(() => new Resolve([])));
        var client = services.GetRequiredService<Probe.ProbeClient>();

        using var chat = client.Chat();
        await chat.RequestStream.WriteAsync(new ProbeRequest { Text = "a" });
        Assert.IsTrue(await chat.ResponseStream.MoveNext());
        await chat.RequestStream.CompleteAsync();
        Assert.IsFalse(await chat.ResponseStream.MoveNext());

        using var expand = client.Expand(new ProbeRequest { Count = 3 });
        Assert.AreEqual(3, await expand.ResponseStream.ReadAllAsync().CountAsync());

        using var collect = client.Collect();
        await collect.RequestStream.WriteAsync(new ProbeRequest { Count = 4 });
        await collect.RequestStream.CompleteAsync();
        Assert.AreEqual(4, (await collect).Number);
    }

    [TestMethod]
    public async Task The_address_may_come_from_other_services()
    {
        await using var services = Services(collection => collection
            .AddSingleton(new Uri(_host.Address))
            .AddGrpcClient<Probe.ProbeClient>((provider, options) => options.Address = provider.GetRequiredService<Uri>()));
        Assert.AreEqual("hi", (await services.GetRequiredService<Probe.ProbeClient>().UnaryAsync(new ProbeRequest { Text = "hi" })).Text);
    }

    [TestMethod]
    public async Task Named_clients_have_options_of_their_own()
    {
        await using var services = Services(collection =>
        {
            collection.AddGrpcClient<Probe.ProbeClient>("small", options => options.Address = new Uri(_host.Address))
                .ConfigureChannel(channel => channel.MaxReceiveMessageSize = 50);
            collection.AddGrpcClient<Probe.ProbeClient>("large", options => options.Address = new Uri(_host.Address))
                .ConfigureChannel((_, channel) => channel.MaxReceiveMessageSize = null);
        });
        var factory = services.GetRequiredService<GrpcClientFactory>();
        var request = new ProbeRequest { Size = 5_000_000 };

        Assert.AreEqual(5_000_000, (await factory.CreateClient<Probe.ProbeClient>("large").UnaryAsync(request)).Payload.Length);
        var error = await Assert.ThrowsExactlyAsync<RpcException>(
            async () => await factory.CreateClient<Probe.ProbeClient>("small").UnaryAsync(request));
        Assert.AreEqual(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [TestMethod]
    public async Task Interceptors_wrap_calls_on_client_and_server()
    {
        await using var services = Services(collection =>
        {
            collection.AddSingleton<ClientStamp>();
            collection.AddGrpcClient<Probe.ProbeClient>(options => options.Address = new Uri(_host.Address)).AddInterceptor<ClientStamp>();
        });
        using var call = services.GetRequiredService<Probe.ProbeClient>().UnaryAsync(new ProbeRequest { Act = "metadata" });
        await call;
        Assert.AreEqual("client", call.GetTrailers().GetValue("x-out-stamp"));
        Assert.AreEqual("server", call.GetTrailers().GetValue("x-server"));
    }

    [TestMethod]
    public async Task A_client_without_an_address_says_so()
    {
        await using var services = Services(collection => collection.AddGrpcClient<Probe.ProbeClient>());
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => services.GetRequiredService<Probe.ProbeClient>());
        StringAssert.StartsWith(error.Message, "Could not resolve the address for gRPC client 'ProbeClient'.");
    }

    [TestMethod]
    public void Two_types_cannot_share_a_name()
    {
        var services = new ServiceCollection();
        services.AddGrpcClient<Probe.ProbeClient>("same");
        Assert.ThrowsExactly<InvalidOperationException>(() => services.AddGrpcClient<Locked.LockedClient>("same"));
    }

    [TestMethod]
    public void Channel_options_are_for_grpc_clients_only()
    {
        var builder = new ServiceCollection().AddHttpClient("plain");
        Assert.ThrowsExactly<InvalidOperationException>(() => builder.ConfigureChannel(_ => { }));
    }

    private static ServiceProvider Services(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        add(services);
        return services.BuildServiceProvider();
    }

    /// <summary>Stands for service discovery.</summary>
    private sealed class Resolve(List<Uri> seen) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            seen.Add(request.RequestUri!);
            request.RequestUri = new Uri(new Uri(_host.Address), request.RequestUri!.AbsolutePath);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class ClientStamp : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, new ClientInterceptorContext<TRequest, TResponse>(
                context.Method, context.Host, context.Options.WithHeaders(new Metadata { { "x-in-stamp", "client" } })));
    }

    private sealed class ServerStamp(string name) : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            context.ResponseTrailers.Add("x-server", name);
            return continuation(request, context);
        }
    }
}
