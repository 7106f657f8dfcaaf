"""Delivery presets: what a deliverable must be, read from TOML."""
