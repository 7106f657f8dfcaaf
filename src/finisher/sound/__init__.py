"""The mix: placing, levelling, limiting and measuring sound."""
