"""Customers' accounts: sign-up with a verified address, a verified phone, their data, leaving."""
