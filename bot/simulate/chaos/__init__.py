"""Chaos: the whole product among people who misbehave, faults by the dozen, and laws that hold."""
