"""A plan becomes a master file."""
