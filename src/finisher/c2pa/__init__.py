"""The one door to Content Credentials: read what a file carries, sign what was made."""
