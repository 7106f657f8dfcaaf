"""The finished file measured afresh against what it promises."""
