using System.IO.MemoryMappedFiles;

namespace Sutra.Storage.Files;

internal sealed unsafe class DiskMappedFile : IMappedFile
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;

    public DiskMappedFile(string path)
    {
        // Delete: a backup may want to move or remove it meanwhile, as on Unix.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        Length = stream.Length;
        if (Length == 0)
        {
            return;
        }

        _file = MemoryMappedFile.CreateFromFile(stream, mapName: null, Length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        byte* address = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
        Address = address + _view.PointerOffset;
    }

    public byte* Address { get; }

    public long Length { get; }

    public void Dispose()
    {
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
    }
}
