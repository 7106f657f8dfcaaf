"""Findings as documents: JSON and HTML."""
