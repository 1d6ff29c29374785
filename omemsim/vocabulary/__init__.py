"""The vocabulary of the model: zones, tactics, parameters, columns, random numbers."""
