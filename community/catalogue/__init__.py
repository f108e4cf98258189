"""The products that customers may review."""
