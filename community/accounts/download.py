"""What a member takes along: one zip file of JSON, readable by people and programs."""

import io
import json
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext

from community.accounts.privacy import personal_data
from community.members.models import Member


def archive(member: Member) -> bytes:
    """A zip file with one JSON file for each kind of thing, named in the reader's language."""
    held = io.BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as files:
        for name, content in personal_data(member).items():
            files.writestr(f"{_file_name(name)}.json", _json(content))
    return held.getvalue()


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder) + "\n"


def _file_name(name: str) -> str:
    names = {
        "account": gettext("account"),
        "reviews": gettext("reviews"),
        "ideas": gettext("ideas"),
        "comments": gettext("comments"),
        "votes": gettext("votes"),
        "helpful_marks": gettext("helpful marks"),
        "notices": gettext("notices"),
        "conversations": gettext("conversations"),
    }
    return names.get(name, name)
