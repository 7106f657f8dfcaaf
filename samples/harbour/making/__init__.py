"""The parts that draw, sound, mark and sign the Harbour sample."""
