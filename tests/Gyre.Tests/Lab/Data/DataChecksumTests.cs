using System.Security.Cryptography;
using Gyre.Lab.Data;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Data;

/// <summary>A run is of the data it was made from: other bytes are another run, or refused.</summary>
public sealed class DataChecksumTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Sources of files, a file of each that it reads, and one beside it that it does not read.</summary>
    [Theory]
    [InlineData("idx", "train-images-idx3-ubyte", "notes.txt")]
    [InlineData("fashion-mnist-full", "t10k-labels-idx1-ubyte.gz", "notes.txt")]
    [InlineData("mnist", "train-labels-idx1-ubyte", "train.txt")]
    [InlineData("cifar-10", "data_batch_3.bin", "batches.meta.txt")]
    [InlineData("cifar-100", "test.bin", "readme")]
    [InlineData("arrays", "train_y.npy", "other.npy")]
    [InlineData("images", "train/cat/1.png", "train/cat/notes.md")]
    public void Every_byte_of_every_file_that_is_read_counts_and_no_other_file(string name, string read, string beside)
    {
        string[] first = name switch
        {
            "cifar-10" => ["data_batch_1.bin"],
            "cifar-100" => ["train.bin"],
            _ => [],
        };
        foreach (var file in first.Append(read))
            Write(file, "abc");
        var before = DataChecksum.Compute(name, _folder.Path);
        Assert.Equal(64, before.Length);
        Write(beside, "x");
        Assert.Equal(before, DataChecksum.Compute(name, _folder.Path));
        Write(read, "abd");
        var after = DataChecksum.Compute(name, _folder.Path);
        Assert.NotEqual(before, after);
        Write(read, "abc");
        Assert.Equal(before, DataChecksum.Compute(name, _folder.Path));
    }

    [Theory]
    [InlineData("table", "a.csv")]
    [InlineData("text", "a.txt")]
    [InlineData("arrays", "a.npz")]
    public void A_single_file_has_the_checksum_that_sha256sum_prints(string name, string file)
    {
        Write(file, "abc");
        Assert.Equal(
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            DataChecksum.Compute(name, _folder[file])
        ); // FIPS 180-4, example
    }

    [Fact]
    public void Which_file_holds_which_bytes_counts()
    {
        Write("train_x.npy", "a");
        Write("train_y.npy", "b");
        var before = DataChecksum.Compute("arrays", _folder.Path);
        Write("train_x.npy", "b");
        Write("train_y.npy", "a");
        Assert.NotEqual(before, DataChecksum.Compute("arrays", _folder.Path));
    }

    [Fact]
    public void Data_of_the_program_and_files_that_are_missing_have_none()
    {
        Assert.All(
            ["fashion-mnist", "two-moons", "chebyshev"],
            name => Assert.Equal("", DataChecksum.Compute(name, ""))
        );
        Assert.All(
            ["idx", "arrays", "images", "cifar-10", "table"],
            name => Assert.Equal("", DataChecksum.Compute(name, _folder["missing"]))
        );
    }

    [Fact]
    public void Other_data_makes_another_run_and_the_first_is_named()
    {
        Write("t.csv", "a,y\n1,0\n2,1\n");
        var (first, folder) = Spec();
        folder.Create(SpecText.Write(first), SampleRecords.Environment);
        Assert.Null(Run.FindOnOtherData(first, folder));
        Write("t.csv", "a,y\n1,1\n2,0\n");
        var (second, beside) = Spec();
        Assert.NotEqual(folder.Path, beside.Path);
        Assert.Equal(Path.GetFullPath(folder.Path), Run.FindOnOtherData(second, beside)?.Path);
        Assert.Null(Run.FindOnOtherData(second with { Seed = 3 }, beside));
    }

    [Fact]
    public void A_spec_bound_to_its_data_refuses_other_bytes_wherever_it_is_read()
    {
        Write("t.csv", "a,y\n1,0\n2,1\n3,0\n4,1\n5,1\n");
        var (spec, _) = Spec();
        var source = DataCatalog.Get("table");
        Gyre.Torch.LibTorch.Load();
        source.Read(SpecData.Request(spec));
        Write("t.csv", "a,y\n1,1\n2,1\n3,0\n4,1\n5,1\n");
        var refused = Assert.Throws<DataException>(() =>
            source.Read(SpecData.Request(SpecReader.ReadText(SpecText.Write(spec))))
        );
        Assert.Contains("data.sha256", refused.Message, StringComparison.Ordinal);
        Assert.Contains(spec.Data.Checksum, refused.Message, StringComparison.Ordinal);
    }

    private (RunSpec, RunFolder) Spec()
    {
        string[] sets = ["data.name=table", $"data.path={_folder["t.csv"]}", "data.target=y", "data.samples=0"];
        var spec = SpecData.Bound(SpecReader.Read("quick", sets));
        return (spec, new RunFolder(Path.Combine(_folder["runs"], Run.FolderName(spec))));
    }

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[file])!);
        File.WriteAllText(_folder[file], text);
        File.SetLastWriteTimeUtc(
            _folder[file],
            DateTime.UnixEpoch.AddTicks(
                BitConverter.ToUInt32(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))
            )
        );
    }
}
