"""PyAV: indexing, reading, encoding and muxing of media."""
