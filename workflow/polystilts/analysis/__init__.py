"""The matrix of all scores, averages and paired comparisons."""
