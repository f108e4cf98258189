"""What the inbox's templates may say beyond the yard's words."""
