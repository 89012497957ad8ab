using System.Security.Cryptography;
using System.Text;
using Sutra.Gateway.Keys;

namespace Sutra.Tests.Gateway.Keys;

[TestClass]
public sealed class ApiKeyTextTests
{
    [TestMethod]
    public void A_key_has_its_prefix_its_id_and_at_least_192_bits_of_secret()
    {
        var id = ApiKeyText.NewId();
        var key = ApiKeyText.New(id);

        StringAssert.Matches(key, new("^sutra_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}$"));
        StringAssert.StartsWith(key, $"sutra_{id}_");
        Assert.IsGreaterThanOrEqualTo(192, ApiKeyText.SecretLength * Math.Log2(62));
    }

    [TestMethod]
    public void Keys_do_not_repeat_and_use_the_whole_alphabet()
    {
        var keys = Enumerable.Range(0, 500).Select(_ => ApiKeyText.New("abcdefghijkl")).ToList();

        Assert.HasCount(500, keys.Distinct());
        Assert.HasCount(62, keys.SelectMany(key => key[^ApiKeyText.SecretLength..]).Distinct());
    }

    [TestMethod]
    public void The_hash_is_the_SHA_256_of_the_whole_text()
    {
        var key = ApiKeyText.New(ApiKeyText.NewId());

        Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))), ApiKeyText.HexHash(key));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("sutra_")]
    [DataRow("sutra_abcdefghijkl_")]
    [DataRow("sutra_abcdefghijkl_0123456789012345678901234567890123456789012 ")]
    [DataRow("sutra_abcdefghijkl-0123456789012345678901234567890123456789012")]
    [DataRow("Sutra_abcdefghijkl_0123456789012345678901234567890123456789012")]
    [DataRow("sutra_abcdefghijk_0123456789012345678901234567890123456789012x")]
    [DataRow("sutra_abcdefghijkł_0123456789012345678901234567890123456789012")]
    [DataRow("sutra_abcdefghijkl_012345678901234567890123456789012345678901２")]
    [DataRow("sutra_abcdefghijkl_01234567890123456789012345678901234567890123")]
    public void What_has_not_the_form_of_a_key_has_no_id(string text) => Assert.IsFalse(ApiKeyText.TryGetId(text, out _));
}
