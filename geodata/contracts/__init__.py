"""What the tables of a release hold: every column with its type, meaning, unit and constraint."""
