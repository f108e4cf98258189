"""Reviews: what customers say of a product, with its rating."""
