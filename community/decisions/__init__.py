"""What people decided and did: the audit, and every verdict that outranks a model."""
