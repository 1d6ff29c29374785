"""The words everything else is said in: zones, tactics, parameters, columns, luck."""
