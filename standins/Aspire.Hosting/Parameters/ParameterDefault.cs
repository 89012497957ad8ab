using System.Security.Cryptography;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where a parameter's value comes from when the configuration has none.</summary>
public abstract class ParameterDefault
{
    public abstract void WriteToManifest(ManifestPublishingContext context);

    public abstract string GetDefaultValue();
}

/// <summary>A random value, made once.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    private const string Lowers = "abcdefghjkmnpqrstuvwxyz";
    private const string Uppers = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string Specials = "-_.{}~()*+!";

    public int MinLength { get; set; }

    public bool Lower { get; set; } = true;

    public bool Upper { get; set; } = true;

    public bool Numeric { get; set; } = true;

    public bool Special { get; set; } = true;

    public int MinLower { get; set; }

    public int MinUpper { get; set; }

    public int MinNumeric { get; set; }

    public int MinSpecial { get; set; }

    public override string GetDefaultValue()
    {
        var classes = new[] { (Lowers, Lower, MinLower), (Uppers, Upper, MinUpper), (Digits, Numeric, MinNumeric), (Specials, Special, MinSpecial) }
            .Where(c => c.Item2)
            .ToArray();
        if (classes.Length == 0)
        {
            throw new InvalidOperationException("A generated parameter needs at least one class of characters.");
        }

        var value = classes.SelectMany(c => RandomNumberGenerator.GetItems<char>(c.Item1, c.Item3)).ToList();
        var all = string.Concat(classes.Select(c => c.Item1));
        value.AddRange(RandomNumberGenerator.GetItems<char>(all, Math.Max(0, MinLength - value.Count)));
        var characters = value.ToArray();
        RandomNumberGenerator.Shuffle<char>(characters);
        return new string(characters);
    }

    public override void WriteToManifest(ManifestPublishingContext context)
    {
        var writer = context.Writer;
        writer.WriteStartObject("generate");
        writer.WriteNumber("minLength", MinLength);
        WriteUnlessTrue("lower", Lower);
        WriteUnlessTrue("upper", Upper);
        WriteUnlessTrue("numeric", Numeric);
        WriteUnlessTrue("special", Special);
        WriteUnlessZero("minLower", MinLower);
        WriteUnlessZero("minUpper", MinUpper);
        WriteUnlessZero("minNumeric", MinNumeric);
        WriteUnlessZero("minSpecial", MinSpecial);
        writer.WriteEndObject();

        void WriteUnlessTrue(string name, bool value)
        {
            if (!value)
            {
                writer.WriteBoolean(name, value);
            }
        }

        void WriteUnlessZero(string name, int value)
        {
            if (value != 0)
            {
                writer.WriteNumber(name, value);
            }
        }
    }
}

internal sealed class ConstantParameterDefault(Func<string> value) : ParameterDefault
{
    public override string GetDefaultValue() => value();

    public override void WriteToManifest(ManifestPublishingContext context) => context.Writer.WriteString("value", GetDefaultValue());
}
