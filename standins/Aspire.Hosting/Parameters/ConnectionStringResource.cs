using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A connection string put together from other resources' values.</summary>
    public sealed class ConnectionStringResource(string name, ReferenceExpression connectionStringExpression)
        : Resource(name), IResourceWithConnectionString, IResourceWithoutLifetime
    {
        public ReferenceExpression ConnectionStringExpression { get; } = connectionStringExpression;
    }
}

namespace Aspire.Hosting
{
    public static class ConnectionStringBuilderExtensions
    {
        public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
            this IDistributedApplicationBuilder builder, string name, ReferenceExpression connectionStringExpression) =>
            builder.AddResource(new ConnectionStringResource(name, connectionStringExpression));

        public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
            this IDistributedApplicationBuilder builder, string name, Action<ReferenceExpressionBuilder> connectionStringBuilder)
        {
            var expression = new ReferenceExpressionBuilder();
            connectionStringBuilder(expression);
            return builder.AddConnectionString(name, expression.Build());
        }
    }
}
