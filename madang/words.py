"""The words of an instance: its analyser, which knows the brand's names, and the names of aspects.

A search must split a name as the annotator did, or it would not find it again.
"""

from collections.abc import Mapping, Sequence

from madang.jobs import shipped_config
from madang.settings import Settings
from nlp import lexicon
from nlp.korean import Morphology, morphology


def analyser(settings: Settings) -> Morphology:
    """The analyser of this process with the names of the instance; loaded when first asked."""
    return morphology(settings.annotator.threads, shipped_config(settings).pipeline.names)


def search_lemmas(settings: Settings, words: str) -> Sequence[str]:
    """What to look for when somebody types `words` here; see `nlp.korean.search_lemmas`."""
    return analyser(settings).search_lemmas(words)


def aspect_names(settings: Settings) -> Mapping[str, Mapping[str, str]]:
    """What the lexicons in use call each aspect, by language."""
    chosen = settings.annotator
    found = lexicon.aspects(chosen.industries, chosen.lexicons)
    return {name: each.names for name, each in found.items()}
