"""Who agreed to be shown or heard, where, for what and until when."""
