"""Detectors whose weights the user brings along."""
