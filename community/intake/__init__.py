"""What machines hand in at the yard's door: signed webhooks, and events of the company's pages."""
