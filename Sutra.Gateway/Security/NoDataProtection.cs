namespace Sutra.Gateway.Security;

internal static class NoDataProtection
{
    /// <summary>
    /// Authentication and YARP both bring ASP.NET's data protection, for cookies that Sutra does not use; its hosted service
    /// would write a key into the home folder at every first start. Call it after both.
    /// </summary>
    public static void AddNoDataProtection(this IHostApplicationBuilder builder)
    {
        foreach (var service in builder.Services
            .Where(service => service.ServiceType == typeof(IHostedService)
                && service.ImplementationType?.FullName == "Microsoft.AspNetCore.DataProtection.Internal.DataProtectionHostedService")
            .ToList())
        {
            builder.Services.Remove(service);
        }
    }
}
