"""Krets in Microsoft Teams."""
