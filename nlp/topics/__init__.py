"""Topics of a body of texts: found in a fixed space of words, named, and kept the same over time.

Texts come as terms (`nlp.annotate` has read them already). `find` finds topics, `names` names them,
`follow` says what became of the old ones. A topic's words with their weights are all that is needed
to tell a new text's topic: the sum of its words' weights decides.
"""
