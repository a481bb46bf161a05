"""`krets bench teams`: how much of a bare CloudAdapter's speed is left when Krets does its work."""
