"""The only door to OpenColorIO: it reads looks, and evaluates grades into cubes."""
