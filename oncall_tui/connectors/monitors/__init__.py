"""Machines complain: one product a file."""
