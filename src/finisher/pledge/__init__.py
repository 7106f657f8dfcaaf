"""What a plan commits its finished file to, foretold from the takes alone."""
