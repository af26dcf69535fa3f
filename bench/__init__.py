"""Measurements: how fast, and how far it can be trusted."""
