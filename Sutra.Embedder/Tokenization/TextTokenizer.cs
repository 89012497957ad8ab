namespace Sutra.Embedder.Tokenization;

/// <summary>
/// Text to token ids and back, after a Hugging Face <c>tokenizer.json</c>. Thread-safe; encoding allocates nothing per token. The
/// file's own truncation and padding are ignored: the model's length decides, and padding is the batch's affair.
/// </summary>
public abstract class TextTokenizer
{
    /// <summary>Ids are below this.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>How many special tokens every text gets.</summary>
    public abstract int SpecialTokens { get; }

    /// <summary>Reads <paramref name="path"/>; a <see cref="Models.ModelException"/> says what is wrong with it.</summary>
    public static TextTokenizer Load(string path) => Files.TokenizerFile.Load(path);

    /// <summary>Appends the tokens of <paramref name="text"/>, special ones included, never more than <paramref name="maxTokens"/>.</summary>
    /// <param name="maxTokens">At least the special tokens.</param>
    /// <param name="side">Where a text that is too long is cut; special tokens stay.</param>
    /// <param name="addSpecialTokens">Whether the file's template is followed.</param>
    public abstract TokenRange Encode(
        ReadOnlySpan<char> text,
        int maxTokens,
        TokenBuffer tokens,
        TruncationSide side = TruncationSide.Right,
        bool addSpecialTokens = true);

    /// <summary>
    /// Appends <paramref name="ids"/>, which the caller made with this model's vocabulary (each in 0..<see cref="VocabularySize"/>);
    /// special tokens are added unless they are there already.
    /// </summary>
    public abstract TokenRange Encode(ReadOnlySpan<int> ids, int maxTokens, TokenBuffer tokens, TruncationSide side = TruncationSide.Right);

    /// <summary>All tokens of <paramref name="text"/>, with the places they come from. Slower than encoding; allocates.</summary>
    public abstract IReadOnlyList<Token> Tokenize(string text, bool addSpecialTokens = true);

    /// <summary>The text of <paramref name="ids"/> as the file's decoder writes it; ids that are no token's are left out.</summary>
    /// <param name="skipSpecialTokens">Leaves out what the file calls special.</param>
    public abstract string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true);
}
