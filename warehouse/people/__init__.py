"""Who is who: contacts as keyed hashes, and authors matched with customers by them."""
