"""Evidence of visible marks in pictures."""
