"""When each source was last asked, across restarts: some may not be asked as often as others."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from warehouse.durable import published


class Asked:
    """The times at which sources were asked, kept in the file `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def due_at(self, source: str, minutes: Mapping[str, int]) -> datetime | None:
        """When `source` may be asked again by its own schedule; None where it has none."""
        last = self._times().get(source)
        if source not in minutes or last is None:
            return None
        return datetime.fromisoformat(last) + timedelta(minutes=minutes[source])

    def note(self, source: str, now: datetime) -> None:
        """Remember that `source` was asked at `now`."""
        with published(self._path) as file:
            file.write(json.dumps({**self._times(), source: now.isoformat()}).encode())

    def _times(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._path.read_text()))
        except (FileNotFoundError, ValueError):
            return {}  # to ask once too often does no harm
