"""The embedded world: a small desk and a small monitor over real HTTP on loopback, and the night they play."""
