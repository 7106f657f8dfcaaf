"""What laws and platforms ask of a file, as dated pages of data, and whether a file has it."""
