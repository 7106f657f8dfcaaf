"""The door to ffmpeg processes: finished files measured by another reader than wrote them."""
