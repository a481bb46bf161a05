"""Krets without anybody: whole programmes played through on this machine."""
