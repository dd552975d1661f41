using System.Runtime.InteropServices;
using Gyre.Torch;

namespace Gyre.Tests.Torch;

public class ElfFileTests
{
    private static readonly string Shim = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");

    [Fact]
    public void The_shim_asks_for_what_it_is_known_to_ask_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF is Linux's format.");
        var (needed, versions) = ElfFile.Using(Shim, elf => (elf.Needed(), elf.NeededVersions().Values.ToArray()));
        Assert.Contains("libtorch_cpu.so", needed);
        Assert.Contains("libc.so.6", needed);
        Assert.Contains(PatchedShim.MissingVersion, versions);
        Assert.Contains("GLIBC_2.14", versions);
    }

    [Fact]
    public void The_system_loader_finds_every_symbol_that_is_said_to_be_libtorchs_and_every_one_said_to_be_defined()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF is Linux's format.");
        var info = LibTorch.Load();
        var (libtorch, shim) = (
            NativeLibrary.Load(Path.Combine(info.Folder, "libtorch.so")),
            NativeLibrary.Load(info.Shim)
        );
        var symbols = ElfFile.Using(Shim, elf => elf.Symbols().ToArray());
        var wanted = symbols.Where(s => !s.IsDefined && !s.IsWeak && s.Version <= 1 && s.Name.Length > 0).ToArray();
        Assert.InRange(wanted.Length, 1000, 2000);
        Assert.All(
            wanted,
            symbol => Assert.True(NativeLibrary.TryGetExport(libtorch, symbol.Name, out _), symbol.Name)
        );
        Assert.All(
            symbols.Where(s => s.IsDefined),
            symbol => Assert.True(NativeLibrary.TryGetExport(shim, symbol.Name, out _), symbol.Name)
        );
        Assert.Contains(symbols, s => s.IsDefined && s.Name == "THSTensor_dispose");
    }

    [Fact]
    public void The_version_that_is_patched_away_has_one_symbol_and_nothing_calls_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF is Linux's format.");
        ElfFile.Using(
            Shim,
            elf =>
            {
                var version = elf.NeededVersions().Single(v => v.Value == PatchedShim.MissingVersion).Key;
                var (symbol, row) = elf.Symbols().Select((s, i) => (s, i)).Single(s => s.s.Version == version);
                Assert.Equal("_ZSt21ios_base_library_initv", symbol.Name);
                Assert.DoesNotContain(row, elf.RelocatedSymbols());
                Assert.InRange(elf.RelocatedSymbols().Count, 1000, 20_000);
                return true;
            }
        );
    }

    [Fact]
    public void Truncated_and_altered_images_are_refused_or_read_but_never_worse()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF is Linux's format.");
        var sound = File.ReadAllBytes(Shim);
        var tables = (int)BitConverter.ToInt64(sound, 0x28);
        var random = new Random(3);
        var refused = 0;
        for (var i = 0; i < 300; i++)
        {
            var image = sound.ToArray();
            if (i % 3 == 0)
                image = image[..random.Next(image.Length)];
            else
                for (var j = 0; j < 8; j++)
                    image[random.Next(2) == 0 ? random.Next(64) : tables + random.Next(image.Length - tables)] = (byte)
                        random.Next(256);
            try
            {
                ElfFile.Using(
                    image,
                    "damaged",
                    elf =>
                        elf.Symbols().Count()
                        + elf.Needed().Count
                        + elf.NeededVersions().Count
                        + elf.RelocatedSymbols().Count
                );
                ElfVersionNeeds.MarkWeak(image, PatchedShim.MissingVersion);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 100, 299);
        Assert.Throws<InvalidDataException>(() =>
            ElfFile.Using(typeof(ElfFileTests).Assembly.Location, elf => elf.Needed())
        );
    }

    [Theory]
    [InlineData("_ZN2at4_ops10add_Tensor4callERKNS_6TensorES4_RKN3c106ScalarE", "at::_ops::add_Tensor::call")]
    [InlineData("_ZNK3c1010TensorImpl11storage_ptrEv", "c10::TensorImpl::storage_ptr")]
    [InlineData("THSTensor_dispose", "THSTensor_dispose")]
    [InlineData("_ZN99x", "_ZN99x")]
    [InlineData("_ZN3", "_ZN3")]
    [InlineData("_ZN99999999999999999999x", "_ZN99999999999999999999x")]
    [InlineData("_ZN", "_ZN")]
    public void Mangled_names_are_said_as_people_write_them(string mangled, string readable) =>
        Assert.Equal(readable, LibTorchFolder.Readable(mangled));
}
