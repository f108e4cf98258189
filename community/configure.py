"""The one place where Django is configured, from values and not from a settings file.

A process has one role: `web` is the public yard, `desk` the staff's pages, `command` a command line
call. The roles differ in their URL root and cookie names, for cookies ignore ports.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args
from urllib.parse import parse_qsl, unquote, urlsplit

import django
from csp.constants import NONE, SELF
from django.conf import settings as django_conf

from community.channels import Channels
from community.errors import CommunityError

Role = Literal["web", "desk", "command"]
LANGUAGES: Final = (("ko", "한국어"), ("en", "English"))
HERE: Final = Path(__file__).parent
DESK_COOKIE: Final = "madang_desk_session"
DESK_STATIC: Final = "/staff/static/"  # Streamlit has /static/ for its own files
SESSION_SECONDS: Final = 12 * 3600  # a working day
RESET_SECONDS: Final = 2 * 3600  # for which the link to a new password holds

_COOKIES: Final[dict[Role, str]] = {
    "web": "madang_session",
    "desk": DESK_COOKIE,
    "command": "madang_command_session",
}


@dataclass(frozen=True)
class MailServer:
    """Where mail leaves from; without `host` it is written to the outbox folder instead."""

    host: str = ""
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str = "madang@localhost"


@dataclass(frozen=True)
class CommunitySettings:
    """What the community store and its pages need to know; nothing is read from elsewhere.

    `database_url` is `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST:PORT/NAME`; `secret_key`
    signs sessions; `identity_key` hashes the addresses and numbers by which members are recognised;
    `yard_url` is where customers reach the yard, for links in mail; `https` says that pages are
    reached by TLS, so that cookies may insist on it; a first answer is due after `answer_hours`.
    `texts` is where text messages go and `alerts` where alerts are sent, as apprise writes
    addresses; what has nowhere to go is written to the folder `outbox`. `channels` are the sources
    that carry answers, each with what it takes of them. `hooks` are the names under which machines
    may hand in webhooks, each with the secrets that sign them; `event_origins` are the company's
    sites (as in https://www.haedam.kr) whose pages may tell of visits.
    """

    database_url: str
    secret_key: str
    identity_key: bytes = b""
    brand: str = ""
    language: str = "ko"
    zone: str = "Asia/Seoul"
    yard_url: str = "http://127.0.0.1:8000"
    answer_hours: int = 24
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    https: bool = False
    debug: bool = False
    static_root: Path | None = None
    outbox: Path | None = None
    mail: MailServer = MailServer()
    texts: str = ""
    alerts: tuple[str, ...] = ()
    channels: Channels = field(default_factory=dict)
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    event_origins: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"CommunitySettings(language={self.language!r}, zone={self.zone!r}, …)"


def configure(settings: CommunitySettings, role: Role, urls: str | None = None) -> None:
    """Configure Django for this process and load its apps; the same call twice does nothing.

    `urls` names a URL root in place of the role's own (the desk adds its API). Raises
    CommunityError when the process was configured otherwise before, or when a value does not fit.
    """
    values = django_settings(settings, role, urls)
    if django_conf.configured:
        if getattr(django_conf, "MADANG", None) != values["MADANG"]:
            raise CommunityError(
                "The community is configured already in this process, for another role or store. "
                "Use one configuration a process."
            )
        return
    django_conf.configure(**values)
    django.setup()


def django_settings(
    settings: CommunitySettings, role: Role, urls: str | None = None
) -> dict[str, Any]:
    """Django's settings, by name, for one role."""
    if role not in get_args(Role):
        raise CommunityError(f"No role is called {role!r}. Use one of {', '.join(get_args(Role))}.")
    if len(settings.secret_key) < 32:
        raise CommunityError(
            "The community's secret key is shorter than 32 characters. "
            "Set community.secret_key in var/secrets.toml to a long random text."
        )
    return {
        "MADANG": (settings, role, urls),
        "DEBUG": settings.debug,
        "SECRET_KEY": settings.secret_key,
        "ALLOWED_HOSTS": list(settings.allowed_hosts),
        "ROOT_URLCONF": urls or f"community.urls_{'web' if role == 'web' else 'desk'}",
        "APPEND_SLASH": False,
        "DATABASES": {"default": {**database(settings.database_url), **_connections(role)}},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        **_applications(role),
        **_pages(settings, role),
        **_accounts(),
        **_sign_up(),
        **_caches(),
        **_cookies(role, settings.https),
        **_headers(settings.https),
    }


def database(url: str) -> dict[str, Any]:
    """Django's description of the database at `url`; raises CommunityError for another kind."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        # As SQLAlchemy writes them: sqlite:///relative and sqlite:////absolute.
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path.removeprefix("/")),
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
            },
        }
    if parts.scheme in ("postgresql", "postgres") and len(parts.path) > 1:
        options = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": options,
        }
    raise CommunityError(
        f"The community store cannot be at a {parts.scheme or 'nameless'} address. "
        "Set community.url to sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME."
    )


def _connections(role: Role) -> dict[str, Any]:
    """The yard's threads keep theirs, for opening one costs as much as two questions (measured)."""
    return {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True} if role == "web" else {}


def instance() -> CommunitySettings:
    """The settings this process was configured with."""
    configured: tuple[CommunitySettings, Role, str | None] = getattr(django_conf, "MADANG")  # noqa: B009
    return configured[0]


def sqlite_path() -> Path | None:
    """The file of the store, or None where it is PostgreSQL."""
    chosen = django_conf.DATABASES["default"]
    return Path(chosen["NAME"]) if chosen["ENGINE"].endswith("sqlite3") else None


def _applications(role: Role) -> dict[str, Any]:
    middleware = [
        "django.middleware.security.SecurityMiddleware",
        "csp.middleware.CSPMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "community.language.LanguageMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "allauth.account.middleware.AccountMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
    ]
    if role == "web":
        # The desk's ASGI server hands out the same folder itself: whitenoise answers with
        # synchronous iterators, which ASGI would have to gather whole first.
        middleware.insert(1, "whitenoise.middleware.WhiteNoiseMiddleware")
        middleware.insert(2, "community.yard.pagecache.AnonymousPages")
    pages = "community.yard.errors" if role == "web" else "community.inbox.trouble"
    return {
        "CSRF_FAILURE_VIEW": f"{pages}.csrf_failure",
        "INSTALLED_APPS": [
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.staticfiles",
            "csp",
            "django_htmx",
            "allauth",
            "allauth.account",
            "community.decisions",
            "community.belts",
            "community.members",
            "community.accounts",
            "community.outbox",
            "community.notices",
            "community.catalogue",
            "community.reviews",
            "community.ideas",
            "community.discussion",
            "community.yard",
            "community.alerts",
            "community.corrections",
            "community.trackers",
            "community.inbox",
            "community.intake",
        ],
        "MIDDLEWARE": middleware,
    }


def _pages(settings: CommunitySettings, role: Role) -> dict[str, Any]:
    return {
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [HERE / "templates"],
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.template.context_processors.i18n",
                        "django.contrib.auth.context_processors.auth",
                    ]
                },
            }
        ],
        "LANGUAGE_CODE": settings.language,
        "LANGUAGES": LANGUAGES,
        # Named here, the rooms' catalogues come before those of Django and of libraries.
        "LOCALE_PATHS": [HERE / "locale", *sorted(HERE.glob("*/locale"))],
        "USE_I18N": True,
        "USE_TZ": True,
        "TIME_ZONE": settings.zone,
        "STATIC_URL": DESK_STATIC if role == "desk" else "/static/",
        "STATICFILES_DIRS": [HERE / "static"],
        "STATIC_ROOT": settings.static_root,
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_IMMUTABLE_FILE_TEST": r"\.[0-9a-f]{10}\.",
        "DEFAULT_FROM_EMAIL": settings.mail.sender,
        "LOGGING_CONFIG": None,
    }


def _accounts() -> dict[str, Any]:
    validation = "django.contrib.auth.password_validation"
    return {
        "AUTH_USER_MODEL": "members.Member",
        "LOGIN_URL": "/staff/sign-in",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "AUTH_PASSWORD_VALIDATORS": [
            {
                "NAME": f"{validation}.UserAttributeSimilarityValidator",
                "OPTIONS": {"user_attributes": ("email", "name")},
            },
            {"NAME": f"{validation}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
            {"NAME": f"{validation}.CommonPasswordValidator"},
        ],
    }


def _sign_up() -> dict[str, Any]:
    """What django-allauth may do: customers only, by e-mail, and never by an address unproved."""
    return {
        "ACCOUNT_ADAPTER": "community.accounts.adapter.AccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS": 3,
        "ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION": True,
        "ACCOUNT_CHANGE_EMAIL": True,
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_PREVENT_ENUMERATION": "strict",
        # Its own limits count in the memory of one process; ours (accounts.limits) in the store.
        "ACCOUNT_RATE_LIMITS": False,
        "PASSWORD_RESET_TIMEOUT": RESET_SECONDS,
    }


def _caches() -> dict[str, Any]:
    """Pages are kept in each process's memory; what limits people must be known to all of them."""
    return {
        "CACHES": {
            "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
            "limits": {
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "accounts_limit",
                "OPTIONS": {"MAX_ENTRIES": 100_000},
            },
        }
    }


def _cookies(role: Role, https: bool) -> dict[str, Any]:
    name = _COOKIES[role]
    return {
        "SESSION_COOKIE_NAME": name,
        "SESSION_COOKIE_AGE": SESSION_SECONDS,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "CSRF_COOKIE_NAME": name.replace("session", "csrf"),
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SECURE": https,
        "LANGUAGE_COOKIE_NAME": "madang_language",
        "LANGUAGE_COOKIE_HTTPONLY": True,
        "LANGUAGE_COOKIE_SAMESITE": "Lax",
        "LANGUAGE_COOKIE_SECURE": https,
        "LANGUAGE_COOKIE_AGE": 365 * 24 * 3600,
    }


def _headers(https: bool) -> dict[str, Any]:
    return {
        "X_FRAME_OPTIONS": "DENY",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "SECURE_HSTS_SECONDS": 365 * 24 * 3600 if https else 0,
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": [NONE],
                "style-src": [SELF],
                "script-src": [SELF],
                "connect-src": [SELF],
                "font-src": [SELF],
                "img-src": [SELF],
                "form-action": [SELF],
                "base-uri": [NONE],
                "frame-ancestors": [NONE],
            }
        },
    }
