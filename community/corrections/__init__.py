"""What people say of texts: verdicts that outrank the model, and samples labelled to measure it."""
