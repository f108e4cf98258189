"""Trackers: queries that people keep, with every version and who made it."""
