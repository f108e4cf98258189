"""How interfaces of services are spoken to: patience, bounds, walks back to what is known."""
