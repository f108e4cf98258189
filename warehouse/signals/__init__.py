"""Whether something is wrong: hourly counts of negative mentions, and the test on them."""
