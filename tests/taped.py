"""An instance whose commands know the source `tape`, which listens to a server of the tests."""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.stream import TOKEN, StreamServer
from tests.instance import Instance, free_port

ROOT = Path(__file__).parents[1]
INSTALLED = ROOT / "tests" / "fakes" / "installed"


@dataclass
class TapedInstance(Instance):
    """Driven by the command line as any other."""

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join((str(INSTALLED), str(ROOT)))
        return {**super().environment, "PYTHONPATH": path}

    def configure(self, server: StreamServer, minutes: int = 0, more: str = "") -> None:
        """Name the source in madang.toml, and its token among the secrets."""
        (self.home / "madang.toml").write_text(
            f"[desk]\nport = {free_port()}\n[yard]\nport = {free_port()}\n"
            f'[schedule]\nminutes = {minutes}\n[tape]\nbase_url = "{server.url}"\n{more}',
            "utf-8",
        )
        var = self.home / "var"
        var.mkdir(mode=0o700, exist_ok=True)
        secrets = var / "secrets.toml"
        written = secrets.read_text() if secrets.exists() else ""
        secrets.touch(mode=0o600)
        secrets.write_text(f'{written}\n[tape]\ntoken = "{TOKEN}"\n')
