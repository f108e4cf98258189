"""The honest meter: texts drawn by chance for people to label, and how right the annotator was."""

from warehouse.meter.accuracy import Accuracy, Report, Share, accuracy_of, report
from warehouse.meter.draw import Draw, Drawn, draw
from warehouse.meter.labels import labelled_texts, texts_of

__all__ = [
    "Accuracy",
    "Draw",
    "Drawn",
    "Report",
    "Share",
    "accuracy_of",
    "draw",
    "labelled_texts",
    "report",
    "texts_of",
]
