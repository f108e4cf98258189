"""Notices: what a member is told happened to what they care about."""
