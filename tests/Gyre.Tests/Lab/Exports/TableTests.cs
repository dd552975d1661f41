using Gyre.Lab.Exports;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Exports;

/// <summary>What another program reads of an export against the records that were written into the folder.</summary>
public class TableTests
{
    public static TheoryData<string> TableFormats => ["csv", "parquet"];

    [Theory]
    [MemberData(nameof(TableFormats))]
    public void Another_program_reads_a_runs_numbers_to_the_last_bit(string format)
    {
        using var folder = new TemporaryFolder();
        Export(ExportFolders.Run(folder["run"], ExportFolders.Summary).Path, format, folder["out"]);
        var steps = Duck.Rows(
            "SELECT step, loss, accuracy, gradient_norm, learning_rate, test_loss, test_accuracy, time FROM "
                + $"'{folder["out"]}/steps.{format}'"
        );
        object?[][] expected =
        [
            [0L, 2.3025850929940455, 0.1, 1.0 / 3, 0.2, 2.31, 0.11, 0.0],
            [1L, 5e-324, 0.5, 1.7976931348623157e308, 0.1, null, null, 0.2],
            [2L, null, 0.25, null, 0.05, 1e16, 0.125, 0.2 + 0.1],
        ];
        Assert.Equal(expected, steps);
        Assert.Equal(
            ["BIGINT", .. Enumerable.Repeat("DOUBLE", 7)],
            Duck.Columns($"{folder["out"]}/steps.{format}")
                .Where(column =>
                    !column.Name.StartsWith("intervention_", StringComparison.Ordinal)
                    && !column.Name.StartsWith("checkpoint_", StringComparison.Ordinal)
                    && column.Name != "update_norm"
                )
                .Select(column => column.Type)
        );
    }

    [Theory]
    [MemberData(nameof(TableFormats))]
    public void Text_of_any_kind_comes_through_and_what_is_absent_is_null(string format)
    {
        using var folder = new TemporaryFolder();
        Export(ExportFolders.Run(folder["run"], ExportFolders.Summary).Path, format, folder["out"]);
        var events = Duck.Rows($"SELECT step, kind, cycle, sharpness, detail FROM '{folder["out"]}/events.{format}'");
        Assert.Equal(
            [
                [1L, "onset", 1L, 11.5, null],
                [2L, "ended", null, null, "commas, \"quotes\"\r\nand lines; η"],
            ],
            events
        );
        var cycles = Duck.Rows(
            $"SELECT number, onset, peak_sharpness, resolution IS NULL FROM '{folder["out"]}/cycles.{format}'"
        );
        Assert.Equal(
            [
                [1L, 2L, 4.0, true],
            ],
            cycles.Select(row => new[] { row[0], row[1], Convert.ToDouble(row[2], null), row[3] })
        );
        var summary = Duck.Rows(
                "SELECT outcome, flip_count, final_loss IS NULL, drift_mean IS NULL, "
                    + $"products_per_measurement FROM '{folder["out"]}/summary.{format}'"
            )
            .Single();
        Assert.Equal(["stable", 3L, true, true, 17.5], summary);
    }

    [Theory]
    [MemberData(nameof(TableFormats))]
    public void Lists_of_a_measurement_are_rows_and_its_scalars_columns(string format)
    {
        using var folder = new TemporaryFolder();
        Export(ExportFolders.Run(folder["run"]).Path, format, folder["out"]);
        IReadOnlyList<object?[]> Of(string query) => Rows(query, folder["out"], format);
        Assert.Equal(
            [
                [2L, 1L, 11.5, true, "converged", 40.5, 8L, 1L, 0.5, 0.125, true],
            ],
            Of(
                "SELECT step, burst, sharpness, warm, stop_reason, trace_value, trace_probes, flip_lag, "
                    + "flip_rotation, resolve_rotation, drift_rotation IS NULL FROM '{}curvature$'"
            )
        );
        Assert.Equal(
            [
                [2L, 0L, 11.5, 0.001, 2.25, 0.3, 0.01],
                [2L, 1L, 9.25, null, 0.1, null, 0.02],
            ],
            Of(
                "SELECT step, rank, eigenvalue, residual, gap, angle_error_degrees, participation_ratio FROM "
                    + "'{}eigenpairs$' ORDER BY rank"
            )
        );
        Assert.Equal(
            [
                ["layer0.bias", 0L, 0.3],
                ["layer0.bias", 1L, 0.4],
                ["layer0.weight", 0L, 0.7],
                ["layer0.weight", 1L, 0.6],
            ],
            Of("SELECT tensor, rank, share FROM '{}layer_shares$' ORDER BY ALL")
        );
    }

    [Theory]
    [MemberData(nameof(TableFormats))]
    public void Rotations_and_their_similarities_are_rows(string format)
    {
        using var folder = new TemporaryFolder();
        Export(ExportFolders.Run(folder["run"]).Path, format, folder["out"]);
        IReadOnlyList<object?[]> Of(string query) => Rows(query, folder["out"], format);
        Assert.Equal(
            [
                ["flip", 1L, 0.5, 0.4, 0.6, 0.5, 0.01],
                ["resolve", 0L, 0.875, 0.75, 1.0, 0.125, 0.01],
            ],
            Of(
                "SELECT kind, lag, overlap, overlap_low, overlap_high, rotation, chance FROM '{}rotations$' "
                    + "ORDER BY kind"
            )
        );
        Assert.Equal(
            [
                ["flip", 0L, 0.7, 0.65, 0.8, 0.9, 1L, -0.7],
                ["flip", 1L, 0.6, 0.5, 0.75, 0.85, 0L, 0.6],
            ],
            Of(
                "SELECT kind, rank, similarity, similarity_low, similarity_high, matched, match, polarity "
                    + "FROM '{}similarities$' ORDER BY rank"
            )
        );
    }

    [Theory]
    [MemberData(nameof(TableFormats))]
    public void A_run_without_an_end_has_timings_and_an_empty_summary(string format)
    {
        using var folder = new TemporaryFolder();
        Export(ExportFolders.Run(folder["run"]).Path, format, folder["out"]);
        IReadOnlyList<object?[]> Of(string query) => Rows(query, folder["out"], format);
        Assert.Equal(
            [
                [4L, 7.5],
            ],
            Of("SELECT count(*), sum(total) FROM '{}timings$'")
        );
        Assert.Equal(
            [
                [0L],
            ],
            Of("SELECT count(*) FROM '{}summary$'")
        );
    }

    private static IReadOnlyList<object?[]> Rows(string query, string folder, string format) =>
        Duck.Rows(
            query
                .Replace("{}", $"{folder}/", StringComparison.Ordinal)
                .Replace("$", $".{format}", StringComparison.Ordinal)
        );

    [Fact]
    public void Csv_is_rfc_4180_in_utf_8_without_a_mark()
    {
        using var folder = new TemporaryFolder();
        Export(ExportFolders.Run(folder["run"]).Path, "csv", folder["out"]);
        byte[] expected =
        [
            .. "step,kind,cycle,sharpness,threshold,loss,detail\r\n"u8,
            .. "1,onset,1,11.5,10,2.5,\r\n"u8,
            .. "2,ended,,,,,\"commas, \"\"quotes\"\"\r\nand lines; η\"\r\n"u8,
        ];
        Assert.Equal(expected, File.ReadAllBytes(folder["out/events.csv"]));
    }

    [Fact]
    public void Parquet_keeps_every_row_beyond_one_row_group()
    {
        using var folder = new TemporaryFolder();
        const int Rows = (1 << 16) + 3;
        var table = new Table(
            "many",
            [
                new Column("number", ColumnKind.Whole),
                new Column("odd", ColumnKind.Flag),
                new Column("word", ColumnKind.Text),
            ],
            Enumerable
                .Range(0, Rows)
                .Select(object?[] (i) => [(long)i, i % 3 == 0 ? null : i % 2 == 1, i % 5 == 0 ? null : $"n{i % 7}"])
        );
        using (var stream = File.Create(folder["many.parquet"]))
            ParquetFormat.Files(new ExportSource("", [table], [])).Single().Write(stream);
        var told = Duck.Rows(
                "SELECT count(*), sum(number)::BIGINT, count(*) FILTER (odd), count(odd), count(word), "
                    + $"count(DISTINCT word) FROM '{folder["many.parquet"]}'"
            )
            .Single();
        var numbers = Enumerable.Range(0, Rows).ToArray();
        Assert.Equal(
            [
                (long)Rows,
                numbers.Sum(i => (long)i),
                (long)numbers.Count(i => i % 3 != 0 && i % 2 == 1),
                (long)numbers.Count(i => i % 3 != 0),
                (long)numbers.Count(i => i % 5 != 0),
                7L,
            ],
            told
        );
    }

    [Fact]
    public void A_file_read_in_pieces_of_any_size_gives_every_record_and_leaves_a_torn_line_out()
    {
        using var folder = new TemporaryFolder();
        var run = ExportFolders.Run(folder["run"]);
        File.AppendAllText(run.Steps, "{\"step\":3,\"lo");
        foreach (var piece in new[] { 1, 7, 100, 150, 1 << 20 })
            Assert.Equal(
                ExportFolders.Steps.Select(step => step.Step),
                new JsonLinesTail<StepRecord>(run.Steps).Each(piece).Select(step => step.Step)
            );
    }

    internal static IReadOnlyList<string> Export(string source, string format, string folder) =>
        [.. ExportSource.Open(source).Save(FormatCatalog.TryGet(format)!, folder)];
}
