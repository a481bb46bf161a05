"""Time: the rules of the calendar, the clock, and the engine that does what is due."""
