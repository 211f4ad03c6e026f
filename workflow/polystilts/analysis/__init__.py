"""The matrix of all scores, averages, paired comparisons, and the trainings behind them."""
