"""The two belts: facts go up to the warehouse, findings come down from it."""
