"""The yard as one place: its front page, its feed, and what all of its pages share."""
