"""Files of any kind into records, in columns, through the landing zone."""
