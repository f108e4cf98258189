"""A small market to look at: an invented Korean home-appliance brand, its rivals, their customers.

Every name here is invented. What is simulated is written apart from what Madang is shown, so that
its findings can be held against the truth.
"""
