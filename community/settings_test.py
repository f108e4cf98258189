"""Django settings for mypy's plugin and for tests: the desk's role on a store of its own.

`MADANG_TEST_DATABASE_URL` names the store; without it, it is a SQLite file in a folder of this
process.
"""

import os
import tempfile
from pathlib import Path

from django.contrib.auth.hashers import Argon2PasswordHasher

from community.configure import CommunitySettings, django_settings

TEST_SETTINGS = CommunitySettings(
    database_url=os.environ.get(
        "MADANG_TEST_DATABASE_URL",
        f"sqlite:///{Path(tempfile.gettempdir()) / f'madang-test-{os.getpid()}.sqlite'}",
    ),
    secret_key="only-for-tests-" + "0123456789abcdef" * 2,
    identity_key=b"only-for-tests",
    brand="해담",
    allowed_hosts=("testserver", "localhost", "127.0.0.1", "[::1]"),
)
globals().update(django_settings(TEST_SETTINGS, "desk"))
# The same algorithm at the least cost: hashing safely is slow, and tests sign in often.
globals()["PASSWORD_HASHERS"] = ["community.settings_test.QuickHasher"]


class QuickHasher(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 64
    parallelism = 1
