"""Alerts as people see them: raised by the warehouse, acknowledged by somebody."""
