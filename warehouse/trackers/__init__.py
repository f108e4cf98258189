"""Saved queries and their language: what they look for, in a stream and in all that was heard."""
