"""Takes and sounds become facts."""
