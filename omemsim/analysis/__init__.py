"""What the numbers mean: zones read off a table, studies of strategies, checks of the model."""
