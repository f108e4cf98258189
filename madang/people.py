"""Staff and the community store, as the command line reaches them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from collectors import SOURCES
from community.channels import ChannelLimits
from community.configure import CommunitySettings, MailServer, Role, configure
from madang.settings import Settings

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


def community_settings(settings: Settings, role: Role = "command") -> CommunitySettings:
    """The instance's settings as the community's own, so that it reads no settings file."""
    site = settings.yard if role == "web" else settings.desk
    return CommunitySettings(
        database_url=settings.community_url,
        secret_key=settings.community.secret_key,
        identity_key=settings.identity_key,
        brand=settings.brand,
        language=settings.language,
        zone=settings.zone,
        yard_url=settings.yard_url,
        allowed_hosts=(*LOOPBACK_NAMES, site.host, *site.names),
        https=site.https,
        outbox=settings.var / "outbox",
        mail=MailServer(**settings.mail.model_dump(exclude={"texts"})),
        texts=settings.mail.texts,
        alerts=settings.alerts.notify,
        channels=channels(settings),
        hooks=hooks(settings),
        event_origins=event_origins(settings),
    )


def hooks(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The names under which the yard takes webhooks, and the secrets that sign them."""
    section = settings.sources.get("webhook")
    return {} if section is None else {name: hook.secrets for name, hook in section.hooks.items()}


def channels(settings: Settings) -> dict[str, ChannelLimits]:
    """The configured sources that carry answers, and what each takes of them."""
    limits = {name: SOURCES[name].replies for name in settings.sources}
    return {name: ChannelLimits(**asdict(taken)) for name, taken in limits.items() if taken}


def event_origins(settings: Settings) -> tuple[str, ...]:
    """The company's sites whose pages may tell the yard of visits."""
    section = settings.sources.get("webevents")
    return () if section is None else tuple(each.rstrip("/") for each in section.origins)


@contextmanager
def community_opened(settings: Settings) -> Iterator[None]:
    """The community store for a block of work of a command; only the first costs a start."""
    configure(community_settings(settings), "command")
    from community.actions import prepare_store
    from community.queries import store_released

    with store_released():
        prepare_store()
        yield


def add_staff(settings: Settings, email: str, name: str, password: str, role: str) -> None:
    """Make a staff account; raises CommunityError for what does not fit or an address in use."""
    configure(community_settings(settings), "command")
    from community import actions

    actions.prepare_store()
    actions.create_staff(email, name, password, role, language=settings.language)


def ensure_staff(settings: Settings, email: str, name: str, password: str, role: str) -> None:
    """Make the account unless there is one for that address already, whoever made it."""
    configure(community_settings(settings), "command")
    from community import actions, queries

    actions.prepare_store()
    if email not in {member.email for member in queries.staff_list()}:
        actions.create_staff(email, name, password, role, language=settings.language)


def migrate_store(settings: Settings) -> str:
    """Apply waiting migrations of the community store and say which."""
    configure(community_settings(settings), "command")
    from community import actions

    prepared = actions.migrate()
    if not prepared.applied:
        return "The community store is up to date."
    return f"Applied {len(prepared.applied)} migrations: {', '.join(prepared.applied)}"
