"""`krets bench slack`: how much of a bare Bolt app's speed is left when Krets does its work."""
