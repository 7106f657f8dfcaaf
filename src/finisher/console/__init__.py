"""What people see while it works and when it is done; all of it on stderr, safe to show."""
