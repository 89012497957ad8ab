using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sutra.Storage.Encryption;
using Sutra.Storage.Encryption.Masters;

namespace Sutra.Tests.Storage.Encryption;

[TestClass]
public sealed class EncryptionOptionsTests
{
    [TestMethod]
    public void Off_is_the_default_and_asks_for_nothing()
    {
        var options = Bind([]);
        Assert.AreEqual(EncryptionMode.Off, options.Mode);
        Assert.AreEqual("SUTRA_MASTER_KEY", options.KeyVariable);
    }

    [TestMethod]
    public void All_settings_are_read()
    {
        var options = Bind(new()
        {
            ["Mode"] = "full",
            ["Source"] = "file",
            ["KeyFile"] = "/run/secrets/new",
            ["OlderKeyFiles:0"] = "/run/secrets/old",
        });
        Assert.AreEqual(EncryptionMode.Full, options.Mode);
        Assert.AreEqual(MasterKeyOrigin.File, options.Source);
        Assert.AreEqual("/run/secrets/new", options.KeyFile);
        CollectionAssert.AreEqual(new[] { "/run/secrets/old" }, options.OlderKeyFiles.ToArray());
    }

    [TestMethod]
    [DataRow("Mode", "7", "Mode")]
    [DataRow("Source", "9", "Source")]
    [DataRow("Source", "file", "KeyFile")]
    [DataRow("Source", "service", "KeyName")]
    [DataRow("KeyVariable", "", "KeyVariable")]
    [DataRow("OlderKeyVariables:0", " ", "OlderKeyVariables")]
    public void What_cannot_be_meant_is_refused_by_name(string key, string value, string named)
    {
        var settings = new Dictionary<string, string?> { ["Mode"] = "content" };
        settings[key] = value;
        var error = Assert.ThrowsExactly<OptionsValidationException>(() => Bind(settings));
        Assert.Contains($"Storage:Encryption:{named}", error.Message);
    }

    [TestMethod]
    public void A_key_service_that_is_not_there_is_said_in_one_line()
    {
        var options = new EncryptionOptions { Mode = EncryptionMode.Content, Source = MasterKeyOrigin.Service, KeyName = "k" };
        Assert.Contains("no key service", Assert.ThrowsExactly<MasterKeyException>(() => options.OpenMasterKeys()).Message);
    }

    private static EncryptionOptions Bind(Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(pair => $"Storage:Encryption:{pair.Key}", pair => pair.Value))
            .Build();
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddStorageEncryption()
            .BuildServiceProvider();
        return services.GetRequiredService<IOptions<EncryptionOptions>>().Value;
    }
}
