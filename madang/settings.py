"""The settings of one instance: `madang.toml`, then `var/secrets.toml`, then the environment.

A key is named by its section and its name, in the environment as `MADANG__SECTION__NAME`. Nothing
is read at import; `load_settings` reads once and the result travels as an argument.
"""

import fcntl
import os
import secrets
import tomllib
from dataclasses import MISSING, dataclass, fields, is_dataclass
from dataclasses import Field as DataclassField
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, field_validator
from pydantic import with_config as with_pydantic_config
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from collectors import SOURCES

PREFIX = "MADANG__"
SECRETS = (("community", "secret_key"), ("identity", "key"))


class MadangError(Exception):
    """What happened, to which item, and what mends it."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DeskSettings(_Section):
    host: str = Field("127.0.0.1", description="The address the desk listens on.")
    port: int = Field(8501, ge=0, le=65535, description="The port the desk listens on.")
    names: tuple[str, ...] = Field(
        (), description="Host names that browsers reach the desk by, besides this machine's own."
    )
    https: bool = Field(
        False, description="Whether people reach the desk by TLS, so that cookies insist on it."
    )


class YardSettings(_Section):
    host: str = Field("127.0.0.1", description="The address the public yard listens on.")
    port: int = Field(8000, ge=0, le=65535, description="The port the public yard listens on.")
    names: tuple[str, ...] = Field(
        (), description="Host names that browsers reach the yard by, besides this machine's own."
    )
    https: bool = Field(
        False, description="Whether people reach the yard by TLS, so that cookies insist on it."
    )
    url: str = Field(
        "",
        description="Where customers reach the yard; empty for host and port.",
    )
    processes: int = Field(1, ge=1, le=64, description="Processes that serve the yard.")
    products: tuple[str, ...] = Field(
        (), description="Products that customers may review, besides those that were ordered."
    )


class InboxSettings(_Section):
    days: int = Field(
        7, ge=0, description="How old a negative mention may be to open a conversation."
    )


class AlertSettings(_Section):
    notify: tuple[str, ...] = Field(
        (), description="Where alerts are sent: addresses as apprise writes them.", repr=False
    )


class MailSettings(_Section):
    host: str = Field("", description="The mail server; empty to write mail to var/outbox instead.")
    port: int = Field(587, ge=1, le=65535, description="The port of the mail server.")
    user: str = Field("", description="The account at the mail server; empty for none.")
    password: str = Field("", description="The password of that account.", repr=False)
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection to the mail server is kept private."
    )
    sender: str = Field(
        "madang@localhost", description="The address that the yard's mail comes from."
    )
    texts: str = Field(
        "",
        description="Where text messages go, as apprise writes it; empty for var/outbox.",
        repr=False,
    )


class IdentitySettings(_Section):
    key: str = Field(
        "",
        description="Hashes the addresses and numbers by which people are recognised.",
        repr=False,
    )


class CommunityStore(_Section):
    url: str = Field(
        "",
        description="Where people's doings are kept: empty for var/community.sqlite, or a "
        "postgresql:// address.",
        repr=False,
    )
    secret_key: str = Field("", description="Signs sessions and tokens.", repr=False)


class AnnotatorSettings(_Section):
    model: str | None = Field(
        None,
        description="A Hugging Face model, by folder or name, in place of the shipped transformer.",
    )
    student: str | None = Field(
        None, description="A model in place of the shipped linear one, which reads every text."
    )
    languages: tuple[str, ...] = Field(
        ("ko", "en"), description="The languages whose sentiment these models can read."
    )
    industries: tuple[str, ...] = Field(
        (), description="Aspect lexicons to use beside the general one; empty for all."
    )
    lexicons: tuple[Path, ...] = Field(
        (), description="Aspect lexicons of your own, as TOML files."
    )
    spacy: str | None = Field(
        None, description="A spaCy pipeline, by name or folder, whose entities are added."
    )
    brands: dict[str, tuple[str, ...]] = Field(
        {}, description="Brands to recognise, each with other ways to write it."
    )
    products: dict[str, tuple[str, ...]] = Field(
        {}, description="Products to recognise, each with other ways to write it."
    )
    threads: int = Field(2, ge=1, le=64, description="Threads that read texts at once.")


class ScheduleSettings(_Section):
    minutes: int = Field(
        15,
        ge=0,
        description="Minutes between turns of the loop while the desk runs; 0 for none, and then "
        "nothing is listened to all the time either.",
    )
    sources: dict[str, Annotated[int, Field(ge=1)]] = Field(
        {}, description="Sources to be asked less often than at each turn: minutes, by source."
    )

    @field_validator("sources")
    @classmethod
    def _known_sources(cls, minutes: dict[str, int]) -> dict[str, int]:
        if unknown := ", ".join(sorted(set(minutes) - set(SOURCES))):
            raise ValueError(f"no source is called {unknown}; there are {', '.join(SOURCES)}")
        return minutes


class Settings(BaseSettings):
    """One instance. Sources that `madang.toml` names stand in `sources`, one section each."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    home: Path = Field(exclude=True, description="The folder of the instance.")
    brand: str = Field("", description="The brand that the desk is about; empty for all products.")
    zone: str = Field("Asia/Seoul", description="The time zone of days and of bare dates.")
    language: Literal["ko", "en"] = Field("ko", description="The language pages begin in.")
    desk: DeskSettings = DeskSettings()
    yard: YardSettings = YardSettings()
    inbox: InboxSettings = InboxSettings()
    alerts: AlertSettings = AlertSettings()
    mail: MailSettings = MailSettings()
    identity: IdentitySettings = IdentitySettings()
    community: CommunityStore = CommunityStore()
    annotator: AnnotatorSettings = AnnotatorSettings()
    schedule: ScheduleSettings = ScheduleSettings()

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no time zone is called {name!r}; try Asia/Seoul") from error
        return name

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        home = Path(init_settings()["home"])
        files = (home / "var" / "secrets.toml", home / "madang.toml")
        tomls = tuple(TomlConfigSettingsSource(settings_cls, file) for file in files)
        return (init_settings, env_settings, *tomls)

    @property
    def sources(self) -> dict[str, Any]:
        """The settings of each source that this instance names, by the source's name."""
        found = {name: getattr(self, name) for name in SOURCES}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def var(self) -> Path:
        return self.home / "var"

    @property
    def landing(self) -> Path:
        return self.var / "landing"

    @property
    def jobs(self) -> Path:
        return self.var / "jobs"

    @property
    def warehouse_path(self) -> Path:
        return self.var / "warehouse.duckdb"

    @property
    def identity_key(self) -> bytes:
        return self.identity.key.encode()

    @property
    def yard_url(self) -> str:
        return self.yard.url.rstrip("/") or f"http://{self.yard.host}:{self.yard.port}"

    @property
    def community_url(self) -> str:
        return self.community.url or f"sqlite:///{self.var / 'community.sqlite'}"


@dataclass(frozen=True)
class SettingLine:
    """One setting as documentation and `madang doctor` list it."""

    name: str
    default: str
    sentence: str


def load_settings(home: Path | None = None) -> Settings:
    """Read the instance in `home`, else in `MADANG_HOME`, else in the working folder.

    Makes `var/` (owner only) and its secrets on first use. Raises MadangError for a file that
    does not parse, an unknown key, or a value that does not fit, naming key, value and mend.
    """
    where = (home or Path(os.environ.get("MADANG_HOME") or ".")).expanduser().resolve()
    try:
        where.mkdir(parents=True, exist_ok=True)
        (where / "var").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise MadangError(
            f"The instance folder {where} cannot be made: {error.strerror}. "
            "Set MADANG_HOME to a folder that you may write to."
        ) from error
    _ensure_secrets(where / "var" / "secrets.toml")
    model = _model()
    _refuse_unknown_environment(model)
    try:
        return model(home=where)
    except tomllib.TOMLDecodeError as error:
        raise MadangError(
            f"{where / 'madang.toml'} is not TOML: {error}. Mend that line."
        ) from error
    except ValidationError as error:
        raise MadangError(_explained(error, model, where)) from error


def described() -> list[SettingLine]:
    """Every setting, section by section: what the documentation must list."""
    lines = []
    for name, field in _model().model_fields.items():
        inner = getattr(field.annotation, "model_fields", None)
        if inner is not None:
            lines += [
                SettingLine(f"{name}.{key}", str(value.default or ""), value.description or "")
                for key, value in inner.items()
            ]
        elif name in SOURCES:
            lines += _described(name, SOURCES[name].settings)
        elif name != "home":
            lines.append(SettingLine(name, str(field.default), field.description or ""))
    return lines


def _described(section: str, settings: type[Any]) -> list[SettingLine]:
    lines = []
    for key in fields(settings):
        name = f"{section}.{key.name}"
        lines.append(SettingLine(name, _default(key), key.metadata["help"]))
        for inner in _inner_sections(settings, key.name):
            lines += _described(name, inner)
    return lines


def _inner_sections(settings: type[Any], key: str) -> list[type[Any]]:
    """The dataclasses of which a setting holds one or a tuple, as in `[[web.sites]]`."""
    written = get_type_hints(settings)[key]
    kinds = (written, *get_args(written))
    return [kind for kind in kinds if isinstance(kind, type) and is_dataclass(kind)]


def _default(key: "DataclassField[Any]") -> str:
    if key.default_factory is not MISSING:
        return str(key.default_factory())
    return "" if key.default is MISSING else str(key.default)


def _model() -> type[Settings]:
    """`Settings` with one optional section for each source of the collectors' list."""
    # Settings inside them, as [[web.sites]], are strict with them.
    strict = with_pydantic_config(ConfigDict(extra="forbid"))
    sections: dict[str, Any] = {
        name: (strict(kind.settings) | None, None) for name, kind in SOURCES.items()
    }
    return create_model("Settings", __base__=Settings, **sections)


def _refuse_unknown_environment(model: type[Settings]) -> None:
    known = sorted(set(model.model_fields) - {"home"})
    for variable in os.environ:
        if variable.startswith(PREFIX):
            section = variable.removeprefix(PREFIX).split("__")[0].lower()
            if section not in known:
                raise MadangError(
                    f"The environment sets {variable}, but there is no setting {section!r}. "
                    f"Known: {', '.join(known)}."
                )


def _explained(error: ValidationError, model: type[Settings], home: Path) -> str:
    lines = []
    for problem in error.errors():
        path = [str(part) for part in problem["loc"] if part not in ("function-wrap",)]
        name = ".".join(path)
        if problem["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            known = ", ".join(_known_beside(model, path))
            lines.append(f"Unknown setting {name}. Known here: {known}.")
        else:
            lines.append(f"Setting {name}: {problem['msg']}.")
    source = home / "madang.toml"
    return " ".join(lines) + f" Mend {source} or the environment variable of that name."


def _known_beside(model: type[Settings], path: list[str]) -> list[str]:
    if len(path) == 1:
        return sorted(set(model.model_fields) - {"home"})
    beside = [part for part in path[:-1] if not part.isdigit()]  # an entry of a list has a number
    prefix = ".".join(beside) + "."
    names = [line.name for line in described() if line.name.startswith(prefix)]
    return [name.removeprefix(prefix) for name in names if "." not in name.removeprefix(prefix)]


def _ensure_secrets(path: Path) -> None:
    """Write fresh keys on first use, and those that a newer version asks for.

    Refuses a file that others may read. A key that stands is never changed.
    """
    if path.exists() and path.stat().st_mode & 0o077:
        raise MadangError(f"{path} holds secrets but others may read it. Run: chmod 600 {path}")
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two processes may start at once
        written = file.read()
        try:
            known = tomllib.loads(written)
        except tomllib.TOMLDecodeError as error:
            raise MadangError(f"{path} is not TOML: {error}. Mend that line.") from error
        missing = [
            f'[{section}]\n{name} = "{secrets.token_urlsafe(48)}"\n'
            for section, name in SECRETS
            if section not in known
        ]
        if missing:
            file.write("".join(("\n" if written else "", "\n".join(missing))))
