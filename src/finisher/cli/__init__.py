"""The command line: words to calls, results to exit codes."""
