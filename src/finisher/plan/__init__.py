"""The plan: what will be rendered, claimed and audited, derived without any effect."""
