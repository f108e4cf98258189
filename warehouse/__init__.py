"""What is known: the landing zone, the DuckDB store that follows from it, and its questions."""
