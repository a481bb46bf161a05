"""Platforms: each knows how to parse and render, and knows no rules."""
