"""finisher: finishing for AI-generated footage, exact, signed and proven."""

__version__ = "0.1.0"
