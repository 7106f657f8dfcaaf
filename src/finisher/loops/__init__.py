"""Where in a take a loop shows least."""
