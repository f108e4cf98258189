"""Who people are here: accounts, roles, sign-in."""
