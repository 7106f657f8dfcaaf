"""Edit lists in JSON: strict reading, every problem with its place."""
