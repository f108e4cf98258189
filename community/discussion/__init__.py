"""Comments under reviews and ideas, and the company's official answers among them."""
