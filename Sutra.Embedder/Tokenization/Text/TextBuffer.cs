using System.Runtime.CompilerServices;

namespace Sutra.Embedder.Tokenization.Text;

/// <summary>Text under work. When asked to, it keeps for each UTF-16 unit which part of the original text it comes from.</summary>
internal sealed class TextBuffer
{
    // A text larger than this is rare, and its buffers are given up after it.
    private const int KeepAtMost = 1 << 20;

    private char[] _chars = new char[1024];
    private int[] _starts = [];
    private int[] _stops = [];
    private int _offset;

    public int Length { get; private set; }

    /// <summary>Whether origins are kept.</summary>
    public bool Tracks { get; private set; }

    public ReadOnlySpan<char> Chars => _chars.AsSpan(0, Length);

    /// <summary>For a step that puts one unit in place of another: origins stay what they are.</summary>
    public Span<char> InPlace => _chars.AsSpan(0, Length);

    public void Clear(bool tracks)
    {
        Length = 0;
        Tracks = tracks;
        if (_chars.Length > KeepAtMost)
        {
            _chars = new char[1024];
            (_starts, _stops) = ([], []);
        }

        if (!tracks && _starts.Length > 0)
        {
            (_starts, _stops) = ([], []);
        }
        else if (tracks && _starts.Length < _chars.Length)
        {
            (_starts, _stops) = (new int[_chars.Length], new int[_chars.Length]);
        }
    }

    /// <summary>Takes a part of the original text that begins at <paramref name="offset"/> of it.</summary>
    public void Take(ReadOnlySpan<char> text, int offset, bool tracks)
    {
        Clear(tracks);
        Reserve(text.Length);
        text.CopyTo(_chars);
        Length = text.Length;
        _offset = offset;
        if (!tracks)
        {
            return;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var pair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            (_starts[i], _stops[i]) = (offset + i, offset + i + (pair ? 2 : 1));
            if (pair)
            {
                i++;
                (_starts[i], _stops[i]) = (_starts[i - 1], _stops[i - 1]);
            }
        }
    }

    /// <summary>Where in the original text the unit at <paramref name="at"/> begins. Without tracking: right only while nothing was changed.</summary>
    public int StartOf(int at) => Tracks ? _starts[at] : _offset + at;

    public int StopOf(int at) => Tracks ? _stops[at] : _offset + at + 1;

    /// <summary>Appends a unit that stems from what <paramref name="source"/> has at <paramref name="at"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(char character, TextBuffer source, int at)
    {
        if (Length == _chars.Length)
        {
            Reserve(1);
        }

        if (Tracks)
        {
            (_starts[Length], _stops[Length]) = (source._starts[at], source._stops[at]);
        }

        _chars[Length++] = character;
    }

    /// <summary>Appends text that stems from all of <paramref name="source"/> between <paramref name="first"/> and <paramref name="last"/>.</summary>
    public void Append(ReadOnlySpan<char> text, TextBuffer source, int first, int last)
    {
        Reserve(text.Length);
        text.CopyTo(_chars.AsSpan(Length));
        if (Tracks)
        {
            _starts.AsSpan(Length, text.Length).Fill(source._starts[first]);
            _stops.AsSpan(Length, text.Length).Fill(source._stops[last]);
        }

        Length += text.Length;
    }

    /// <summary>Appends a part of <paramref name="source"/> with its origins.</summary>
    public void Append(TextBuffer source, int start, int length)
    {
        Reserve(length);
        source._chars.AsSpan(start, length).CopyTo(_chars.AsSpan(Length));
        if (Tracks)
        {
            source._starts.AsSpan(start, length).CopyTo(_starts.AsSpan(Length));
            source._stops.AsSpan(start, length).CopyTo(_stops.AsSpan(Length));
        }

        Length += length;
    }

    private void Reserve(int more)
    {
        if (_chars.Length - Length >= more)
        {
            return;
        }

        var size = Math.Max(_chars.Length * 2, Length + more);
        Array.Resize(ref _chars, size);
        if (Tracks)
        {
            Array.Resize(ref _starts, size);
            Array.Resize(ref _stops, size);
        }
    }
}
