"""Ideas: what customers ask for, their votes, and what became of it."""
