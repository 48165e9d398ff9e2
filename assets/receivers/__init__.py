"""Receivers: who is served, what their copies hold, and the log of every publication."""
