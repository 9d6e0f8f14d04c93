"""Customers write: one product a file."""
