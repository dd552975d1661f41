namespace Gyre.Lab.Dynamics;

/// <summary>Finds the best one-to-one matching of rows to columns.</summary>
internal static class Assignment
{
    /// <summary>
    /// Returns the column matched to each row such that the sum of the weights is largest (Hungarian method by
    /// shortest augmenting paths, Jonker and Volgenant 1987). Cost: k³.
    /// </summary>
    /// <param name="weights"><c>[k, k]</c>, finite.</param>
    public static int[] Best(double[,] weights)
    {
        var size = weights.GetLength(0);
        var (rowPotential, columnPotential) = (new double[size + 1], new double[size + 1]);
        var rowOf = new int[size + 1];
        for (var row = 1; row <= size; row++)
        {
            rowOf[0] = row;
            Augment(weights, size, rowPotential, columnPotential, rowOf);
        }
        var columns = new int[size];
        for (var column = 1; column <= size; column++)
            columns[rowOf[column] - 1] = column - 1;
        return columns;
    }

    private static void Augment(
        double[,] weights,
        int size,
        double[] rowPotential,
        double[] columnPotential,
        int[] rowOf
    )
    {
        var least = Enumerable.Repeat(double.PositiveInfinity, size + 1).ToArray();
        var (cameFrom, visited) = (new int[size + 1], new bool[size + 1]);
        var column = 0;
        do
        {
            visited[column] = true;
            var (row, delta, next) = (rowOf[column], double.PositiveInfinity, 0);
            for (var j = 1; j <= size; j++)
            {
                if (visited[j])
                    continue;
                var cost = -weights[row - 1, j - 1] - rowPotential[row] - columnPotential[j];
                if (cost < least[j])
                    (least[j], cameFrom[j]) = (cost, column);
                if (least[j] < delta)
                    (delta, next) = (least[j], j);
            }
            for (var j = 0; j <= size; j++)
            {
                if (visited[j])
                    (rowPotential[rowOf[j]], columnPotential[j]) = (
                        rowPotential[rowOf[j]] + delta,
                        columnPotential[j] - delta
                    );
                else
                    least[j] -= delta;
            }
            column = next;
        } while (rowOf[column] != 0);
        for (; column != 0; column = cameFrom[column])
            rowOf[column] = rowOf[cameFrom[column]];
    }
}
