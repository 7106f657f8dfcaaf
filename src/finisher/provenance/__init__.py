"""Content Credentials: who signs, what is claimed, what a reading means."""
