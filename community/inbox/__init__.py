"""The inbox: conversations of one person each, drafts, and answers sent exactly once."""
