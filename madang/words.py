"""The words of an instance: its analyser, which knows the brand's names, and the names of aspects.

A search must split a name as the annotator did, or it would not find it again.
"""

from collections.abc import Mapping

from madang.jobs import shipped_config
from madang.settings import Settings
from nlp import lexicon
from nlp.korean import Morphology, morphology
from warehouse.trackers.language import Query, parse
from warehouse.trackers.words import understood


def analyser(settings: Settings) -> Morphology:
    """The analyser of this process with the names of the instance; loaded when first asked."""
    return morphology(settings.annotator.threads, shipped_config(settings).pipeline.names)


def sought(settings: Settings, text: str) -> Query:
    """The query that somebody typed here, its words read as this instance reads texts; raises
    QueryError where it is none."""
    return understood(parse(text), analyser(settings))


def aspect_names(settings: Settings) -> Mapping[str, Mapping[str, str]]:
    """What the lexicons in use call each aspect, by language."""
    chosen = settings.annotator
    found = lexicon.aspects(chosen.industries, chosen.lexicons)
    return {name: each.names for name, each in found.items()}
