namespace Aspire.Hosting.Eventing
{
    using Aspire.Hosting.ApplicationModel;

    public interface IDistributedApplicationEvent;

    public interface IDistributedApplicationResourceEvent : IDistributedApplicationEvent
    {
        IResource Resource { get; }
    }

    public sealed class DistributedApplicationEventSubscription(Func<IDistributedApplicationEvent, CancellationToken, Task> callback)
    {
        public Func<IDistributedApplicationEvent, CancellationToken, Task> Callback { get; } = callback;
    }

    public interface IDistributedApplicationEventing
    {
        DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationEvent;

        DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationResourceEvent;

        void Unsubscribe(DistributedApplicationEventSubscription subscription);

        Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
            where T : IDistributedApplicationEvent;
    }

    internal sealed class DistributedApplicationEventing : IDistributedApplicationEventing
    {
        private readonly Lock _lock = new();
        private readonly List<(Type Type, DistributedApplicationEventSubscription Subscription)> _subscriptions = [];

        public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationEvent
        {
            var subscription = new DistributedApplicationEventSubscription((e, cancellation) => callback((T)e, cancellation));
            lock (_lock)
            {
                _subscriptions.Add((typeof(T), subscription));
            }

            return subscription;
        }

        public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationResourceEvent =>
            Subscribe<T>((e, cancellation) => e.Resource == resource ? callback(e, cancellation) : Task.CompletedTask);

        public void Unsubscribe(DistributedApplicationEventSubscription subscription)
        {
            lock (_lock)
            {
                _subscriptions.RemoveAll(s => s.Subscription == subscription);
            }
        }

        public async Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
            where T : IDistributedApplicationEvent
        {
            DistributedApplicationEventSubscription[] callbacks;
            lock (_lock)
            {
                callbacks = [.. _subscriptions.Where(s => s.Type == typeof(T)).Select(s => s.Subscription)];
            }

            foreach (var subscription in callbacks)
            {
                await subscription.Callback(@event, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    using Aspire.Hosting.Eventing;

    /// <summary>A resource is running and healthy for the first time.</summary>
    public sealed class ResourceReadyEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
    {
        public IResource Resource { get; } = resource;

        public IServiceProvider Services { get; } = services;
    }
}
