"""What the yard's templates may say beyond Django's own words."""
