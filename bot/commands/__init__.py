"""The commands of `krets`: one module each, of which only the one that was chosen is imported."""
