"""Colour: baking grades and matching sessions."""
