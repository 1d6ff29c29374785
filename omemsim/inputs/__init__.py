"""From what a user has (a config, a table, a map) to a town that can run."""
