using System.Globalization;
using System.IO.Compression;
using System.Text;
using Gyre.Lab.Data;
using Gyre.Tests.TestKit;
using Parquet.Serialization;

namespace Gyre.Tests.Lab.Data;

/// <summary>Tables as users have them: every one is read as it was meant, or refused by row and column.</summary>
public sealed class TableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>One cell never decides what a column is; a missing or infinite one is no class.</summary>
    [Theory]
    [InlineData("", "row 8 has nothing in column \"price\", which seems to be a missing value")]
    [InlineData("NA", "row 8 has \"NA\" in column \"price\", which seems to be a missing value")]
    [InlineData("NaN", "a missing value")]
    [InlineData("?", "a missing value")]
    [InlineData("inf", "row 8 has \"inf\" in column \"price\", which seems to be an infinite number")]
    [InlineData("-Infinity", "an infinite number")]
    [InlineData("1e999", "a number that exceeds float64")]
    [InlineData("\"1,5\"", "a number with a comma")]
    [InlineData("12 EUR", "a number with other characters")]
    [InlineData("€12", "a number with other characters")]
    [InlineData("2024-01-02", "a date")]
    [InlineData("yes", "a Boolean")]
    [InlineData("cheap", "a word")]
    public void A_cell_that_is_no_number_among_numbers_is_refused_by_its_place(string cell, string said)
    {
        foreach (var wantsClasses in new[] { true, false })
        {
            var refused = Refused(
                Csv("a,price", i => $"{i},{(i == 8 ? cell : Number(i + 0.5))}"),
                "price",
                wantsClasses
            );
            Says(said, refused);
            Says("row 8 has", refused);
        }
        Says("row 8 has", Refused(Csv("price,y", i => $"{(i == 8 ? cell : Number(i))},{i % 2}"), "y")); // a feature
        Says(
            "row 8 has",
            Refused(Csv("a,u,v", i => $"{i},{i},{(i == 8 ? cell : Number(i))}"), "u, v", wantsClasses: false)
        );
    }

    [Theory]
    [InlineData("", "which seems to be a missing value; most cells of the column are words")]
    [InlineData("null", "which seems to be a missing value; most cells of the column are words")]
    [InlineData("inf", "which seems to be an infinite number; most cells")]
    [InlineData("3", "which seems to be a number; most cells of the column are words")]
    public void A_cell_that_is_no_word_among_words_is_refused_by_its_place(string cell, string said)
    {
        string[] animals = ["cat", "dog"];
        var refused = Refused(Csv("a,kind", i => $"{i},{(i == 8 ? cell : animals[i % 2])}"), "kind");
        Says($"row 8 has {(cell.Length == 0 ? "nothing" : $"\"{cell}\"")} in column \"kind\", {said}", refused);
    }

    [Fact]
    public void A_fraction_among_whole_labels_is_refused_and_numbers_to_be_met_are_named_as_the_way_out()
    {
        var table = Csv("a,y", i => $"{i},{(i == 8 ? "2.5" : Number(i % 3))}");
        Says(
            "row 8 has \"2.5\" in column \"y\", which seems to be a number; most cells of the column are integers",
            Refused(table, "y")
        );
        Says("squared-error", Refused(table, "y"));
        Assert.Equal(2.5, Read(table, "y", wantsClasses: false).Train.Values![7]);
    }

    [Fact]
    public async Task A_cell_without_a_value_in_Parquet_is_refused_by_its_place()
    {
        await Parquet(
            "null.parquet",
            [.. Enumerable.Range(1, 12).Select(i => new Priced { A = i, Price = i == 8 ? null : i + 0.5 })]
        );
        Says("row 8 has nothing in column \"Price\"", Refused(_folder["null.parquet"], "Price", wantsClasses: false));
    }

    [Theory]
    [InlineData("a,kind\n1,cat\n2,\"dog\n3,cat\n4,dog\n", "row 2 (line 3)")] // opened and never closed
    [InlineData("a,kind\n1,cat\n2,\"dog\n3,cat\n4,dog\"\n5,cat\n", "row 2 (line 3)")] // closed two lines later
    [InlineData("a,kind\n1,cat\n2,\"do\"g\n3,cat\n", "row 2 (line 3)")]
    [InlineData("a,kind\n1,cat\n\n2,d\"og\n3,cat\n", "row 2 (line 4)")]
    [InlineData("\"a,kind\n1,cat\n2,dog\n", "the row of names (line 1)")]
    public void A_quotation_mark_without_its_partner_is_refused_by_row_and_line(string text, string said)
    {
        var refused = Refused(File("t.csv", text), "kind");
        Says(said, refused);
        Says("quotation mark", refused);
    }

    [Fact]
    public void Quotation_marks_in_order_are_read_and_a_name_over_lines_is_told()
    {
        var data = Read(File("t.csv", "\"length,\ncm\", \"kind \"\"x\"\"\"\n\"1\" , \"a, b\"\n2,c\n"), "kind \"x\"");
        Assert.Equal(["length,\ncm"], data.FeatureNames);
        Assert.Equal(["a, b", "c"], data.ClassNames);
        Says("end in line 2", string.Join("\n", data.Remarks));
    }

    [Fact]
    public void A_row_of_another_length_names_its_line_and_an_empty_line_is_told()
    {
        Says(
            "row 2 (line 4) has 3 cells for 2 columns (commas between them)",
            Refused(File("t.csv", "a,y\n1,0\n\n2,1,7\n"), "y")
        );
        var data = Read(File("t.csv", "a,y\r\n1,0\r\n\r\n2,1\r\n5,0\r\n\r\n\r\n"), "y");
        Assert.Equal(3, data.Train.Count);
        Assert.Contains("an empty line was skipped, from line 3 on", data.Remarks);
    }

    [Fact]
    public void Labels_that_are_equal_numbers_are_one_class_however_they_are_written()
    {
        var data = Read(File("t.csv", "a,y\n3,1\n5,1.0\n1,+1\n2,1e0\n7,0\n9,-0.0\n4,00\n6,10\n"), "y");
        Assert.Equal(["0", "1", "10"], data.ClassNames);
        Assert.Equal([1, 1, 1, 1, 0, 0, 0, 2], data.Train.Labels!);
    }

    /// <summary>float64 has one number for both.</summary>
    [Fact]
    public void Labels_of_seventeen_digits_stay_apart() =>
        Assert.Equal(
            ["9007199254740992", "9007199254740993"],
            Read(File("t.csv", "a,y\n1,9007199254740993\n2,9007199254740992\n"), "y").ClassNames
        );

    [Fact]
    public void Words_that_differ_in_capitals_alone_and_classes_without_a_second_row_are_told()
    {
        var cats = Read(File("t.csv", "a,y\n3,cat\n5,Cat\n1,dog\n4,cat\n8,dog\n"), "y");
        // in the order of code points
        Says("\"Cat\", \"cat\" differ only in case", string.Join("\n", cats.Remarks));
        Says("20 classes in 20 rows", string.Join("\n", Read(Csv("a,y", i => $"{i * i},name{i}"), "y").Remarks));
    }

    [Theory]
    [InlineData("price, EUR", 1)]
    [InlineData("\"price, EUR\"", 1)]
    [InlineData("\"price, EUR\", \"width, cm\"", 2)]
    [InlineData(" price, EUR ", 1)]
    public void A_column_whose_name_has_a_comma_can_be_named(string target, int width)
    {
        var table = Csv("\"length, cm\",\"width, cm\",\"price, EUR\"", i => $"{i}.5,{i},{i}.25");
        Assert.Equal(width, Read(table, target, wantsClasses: false).Train.Width);
    }

    [Fact]
    public void Names_in_messages_show_where_one_ends_and_the_nearest_is_asked_for()
    {
        var refused = Refused(
            Csv("\"length, cm\",\"width, cm\",\"price, EUR\"", i => $"{i}.5,{i},{i}.25"),
            "prise",
            wantsClasses: false
        );
        Says("has no column \"prise\"", refused);
        Says("its columns are \"length, cm\", \"width, cm\", \"price, EUR\"", refused);
        Says("(did you mean \"kind\"?)", Refused(Csv("a,kind", i => $"{i},x"), "kin"));
        Says("names a column twice", Refused(Csv("a,kind", i => $"{i},x"), "kind,kind"));
        Says("has no column \"\"", Refused(Csv("a,kind", i => $"{i},x"), "kind,"));
    }

    [Fact]
    public void Semicolons_between_cells_leave_decimal_commas_and_commas_in_names()
    {
        var data = Read(Csv("length, cm;width, cm;kind", i => $"{i},25;-0,{i:00};{i % 2}"), "kind");
        Assert.Equal(["length, cm", "width, cm"], data.FeatureNames);
        var row = new double[2];
        data.Train.Features.Read(2, row);
        Assert.Equal([3.25, -0.03], row);
        Says("cells are separated by semicolons", string.Join("\n", data.Remarks));
        Assert.Contains("commas inside numbers are decimal commas", data.Remarks);
    }

    [Theory]
    [InlineData("1,234")] // 1.234 or 1234
    [InlineData("1,234,567")]
    [InlineData("1.234,5")]
    public void A_comma_that_may_stand_between_thousands_is_refused(string cell)
    {
        var other = cell == "1,234" ? "" : ",5"; // one fraction of another length would decide it
        Says("row 1 has", Refused(Csv("a;b;kind", i => $"{cell};{i}{other};{i % 2}"), "kind"));
    }

    [Theory]
    [InlineData('\t', "tabs")]
    [InlineData('|', "vertical bars")]
    [InlineData(';', "semicolons")]
    public void What_separates_cells_is_told(char separator, string word)
    {
        var table = Csv($"a{separator}kind", i => $"{i * i}{separator}{(i % 2 == 0 ? "x" : "z")}");
        Assert.Contains($"cells are separated by {word}", Read(table, "kind").Remarks);
    }

    [Fact]
    public void Two_columns_of_one_name_a_column_without_one_and_a_column_that_numbers_the_rows_are_never_silent()
    {
        Says("column \"y\" occurs twice, as columns 2 and 3", Refused(Csv("a,y,y", i => $"{i},{i},{i % 2}"), "y"));
        Says("column \"a\" occurs twice, as columns 1 and 2", Refused(Csv("a, a ,y", i => $"{i},{i},{i % 2}"), "y"));
        Says("column 1 has no name", Refused(Csv(",a,y", i => $"{i},{i * i},{i % 2}"), "y"));
        Says(
            "although they seem to number the rows: \"n\"",
            string.Join("\n", Read(Csv("n,a,y", i => $"{i - 1},{i * i},{i % 2}"), "y").Remarks)
        );
        Says(
            "although they seem to number the rows: \"user_id\"",
            string.Join("\n", Read(Csv("user_id,a,y", i => $"{i * 7 % 23},{i * i},{i % 2}"), "y").Remarks)
        );
        Assert.Empty(Read(Csv("n,y", i => $"{i * i},{i % 2}"), "y").Remarks);
    }

    [Fact]
    public void Columns_that_never_change_and_a_first_row_of_numbers_are_told()
    {
        Assert.Contains(
            "constant features, 0 after standardization: \"b\"",
            Read(Csv("a,b,y", i => $"{i * i},0.1,{i % 2}"), "y").Remarks
        );
        var iris = Csv("5.1,3.5,setosa", i => $"{i * i},{i * 3},{(i % 2 == 0 ? "setosa" : "other")}");
        Says("first row is read", string.Join("\n", Read(iris, "setosa").Remarks));
    }

    [Fact]
    public async Task What_a_file_is_is_told_by_its_first_bytes()
    {
        await Parquet("t.pq", [.. Enumerable.Range(1, 12).Select(i => new Priced { A = i, Price = i + 0.5 })]);
        System.IO.File.Copy(_folder["t.pq"], _folder["t.csv"]);
        Assert.Equal(12, Read(_folder["t.pq"], "Price", wantsClasses: false).Train.Count);
        Assert.Equal(12, Read(_folder["t.csv"], "Price", wantsClasses: false).Train.Count);
        await using (var file = System.IO.File.Create(_folder["t.csv.gz"]))
        await using (var packed = new GZipStream(file, CompressionLevel.Fastest))
            await packed.WriteAsync("a,y\n1,0\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Says("compressed by gzip. Decompress it", Refused(_folder["t.csv.gz"], "y"));
        Says("is a folder", Refused(Directory.CreateDirectory(_folder["parts.parquet"]).FullName, "y"));
        Says("does not begin with PAR1", Refused(File("n.parquet", "a,y\n1,0\n"), "y"));
        Says("a zip archive", Refused(File("t.xlsx", "PK\u0003\u0004 and more"), "y"));
    }

    [Fact]
    public async Task A_column_of_lists_of_structures_or_of_bytes_is_refused_by_its_own_name()
    {
        await Parquet<Listed>("l.parquet", [new() { Emb = [1, 2], Y = 1 }]);
        Says("\"Emb\" contains lists", Refused(_folder["l.parquet"], "Y"));
        await Parquet<Blob>("b.parquet", [new() { Raw = [1, 2], Y = 1 }]);
        Says("\"Raw\" contains bytes", Refused(_folder["b.parquet"], "Y"));
        await Parquet<Nested>(
            "s.parquet",
            [
                new()
                {
                    Inner = new() { A = 1 },
                    Y = 1,
                },
            ]
        );
        Says("\"Inner\" contains structures", Refused(_folder["s.parquet"], "Y"));
    }

    /// <summary>0.1 as a float32 is 0.100000001490116…, which both processors and pandas say.</summary>
    [Fact]
    public async Task A_float32_is_the_number_that_it_is()
    {
        await Parquet<Single>("f.parquet", [new() { A = 0.1f, Y = 1 }, new() { A = 2, Y = 0 }]);
        var row = new double[1];
        Read(_folder["f.parquet"], "Y").Train.Features.Read(0, row);
        Assert.Equal(0.10000000149011612, row[0]);
    }

    [Fact]
    public void Columns_pass_between_processes_as_they_are()
    {
        var columns = new TableColumn[] { new("ä, \"b\"\n", ["", "1,5", "x\ny", "🦆"]), new("z", []) };
        using var stream = new MemoryStream();
        ParquetTable.Write(new TableContent("p", columns, []), stream);
        stream.Position = 0;
        var read = ParquetTable.ReadWritten("p", stream).Columns;
        Assert.Equal(columns.Select(column => column.Name), read.Select(column => column.Name));
        Assert.Equal(columns[0].Cells, read[0].Cells);
        Assert.Empty(read[1].Cells);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused_by_their_place()
    {
        System.IO.File.WriteAllBytes(_folder["latin1.csv"], [.. "a,y\n1,0\n2,"u8, 0xe9, .. "t\n"u8]);
        Says("byte 10 (line 3) is 0xe9", Refused(_folder["latin1.csv"], "y"));
        System.IO.File.WriteAllBytes(_folder["utf16.csv"], [0xff, 0xfe, .. Encoding.Unicode.GetBytes("a,y\n1,0\n")]);
        Says("it is text in UTF-16", Refused(_folder["utf16.csv"], "y"));
        System.IO.File.WriteAllBytes(_folder["nomark.csv"], Encoding.Unicode.GetBytes("a,y\n1,0\n"));
        Says("byte 1 (line 1) is 0", Refused(_folder["nomark.csv"], "y"));
        System.IO.File.WriteAllBytes(_folder["mark.csv"], [.. Encoding.UTF8.Preamble, .. "a,y\n1,0\n2,1\n"u8]);
        Assert.Equal(["a"], Read(_folder["mark.csv"], "y").FeatureNames);
    }

    /// <summary>
    /// Cells that are looked up one by one took more than 30 s, names that are listed whole a million letters.
    /// </summary>
    [Fact]
    public void Tables_of_200000_classes_of_100000_columns_and_of_a_long_cell_stay_quick_and_short()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(200_000, Read(Csv("a,kind", i => $"{i},k{i}", 200_000), "kind").ClassNames.Count);
        var names = string.Join(",", Enumerable.Range(0, 100_000).Select(i => $"column{i}"));
        var wide = Csv(names, i => string.Join(",", Enumerable.Repeat(Number(i), 100_000)), 2);
        Assert.InRange(Refused(wide, "colunm99999").Length, 100, 900);
        Assert.InRange(
            Refused(Csv("a,kind", i => $"{(i == 3 ? new string('x', 5_000_000) : Number(i))},{i % 2}"), "kind").Length,
            100,
            900
        );
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 60);
    }

    [Fact]
    public void Control_characters_of_a_file_are_escaped()
    {
        var table = Csv("a,kind", i => $"{(i == 3 ? "\u001b]0;title\u0007" : Number(i))},{i % 2}");
        Says("\\u001b]0;title\\u0007", Refused(table, "kind"));
    }

    [Fact]
    public void An_empty_table_and_one_of_names_alone_say_so()
    {
        Says("is empty", Refused(File("e.csv", ""), "y"));
        Says("no row", Refused(File("e.csv", "a,y\n"), "y"));
        Says("only target columns", Refused(File("e.csv", "y\n1\n2\n"), "y"));
        Says("data.target must name", Refused(File("e.csv", "a,y\n1,2\n"), ""));
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    private string File(string name, string text)
    {
        System.IO.File.WriteAllText(_folder[name], text);
        return _folder[name];
    }

    private string Csv(string names, Func<int, string> row, int rows = 20) =>
        File("t.csv", $"{names}\n{string.Concat(Enumerable.Range(1, rows).Select(i => row(i) + "\n"))}");

    private async Task Parquet<T>(string name, T[] rows)
        where T : class, new()
    {
        await using var file = System.IO.File.Create(_folder[name]);
        await ParquetSerializer.SerializeAsync(rows, file, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static NumberSet Read(string path, string target, bool wantsClasses = true) =>
        TableFile.Read(
            new DataRequest(path)
            {
                Target = target,
                HoldOut = 0,
                WantsClasses = wantsClasses,
            }
        );

    private static void Says(string said, string text) => Assert.Contains(said, text, StringComparison.Ordinal);

    private static string Refused(string path, string target, bool wantsClasses = true) =>
        Assert.Throws<DataException>(() => Read(path, target, wantsClasses)).Message;

    private sealed class Priced
    {
        public int A { get; set; }

        public double? Price { get; set; }
    }

    private sealed class Listed
    {
        public List<double> Emb { get; set; } = [];

        public int Y { get; set; }
    }

    private sealed class Blob
    {
        public byte[] Raw { get; set; } = [];

        public int Y { get; set; }
    }

    private sealed class Single
    {
        public float A { get; set; }

        public int Y { get; set; }
    }

    private sealed class Nested
    {
        public Priced Inner { get; set; } = new();

        public int Y { get; set; }
    }
}
