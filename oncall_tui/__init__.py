"""The single most urgent customer problem, for the engineer on call."""

__version__ = "0.1.0"
