"""Krets: the chatbot, free of any platform."""
