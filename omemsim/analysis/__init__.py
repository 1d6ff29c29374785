"""What the numbers mean: zones read off a table, and checks of the model itself."""
