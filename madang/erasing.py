"""`madang erase`: one person forgotten in both stores and in the landing zone, for good.

The order is written down first and names whom; what it asks is then done in the community's store,
in the landing zone and in the warehouse. Each step can be done twice, so a crash anywhere is
finished by the next turn, the next rebuild or the same command.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from collectors.community import NAME as YARD
from madang.settings import MadangError
from warehouse.erase import Erased, erase, finish_erasures, leavers, order_erasure, ordered_erasures
from warehouse.people.find import KnownPerson, find_people

if TYPE_CHECKING:
    from madang.loop import House


def people_of(house: "House", who: str) -> tuple[KnownPerson, ...]:
    """Whom `who` means (customer's id, e-mail, phone, `source|author_id`, `source|@handle`), for a
    person to confirm; raises MadangError when it is nobody."""
    found = find_people(house.warehouse, who, house.settings.identity_key)
    known = {author for person in found for author in person.authors}
    with house.community():
        from community.queries import public_id_of

        member = public_id_of(who)
    if member is not None and (YARD, member) not in known:
        found = (*found, KnownPerson(None, authors=((YARD, member),)))
    if not found:
        raise MadangError(
            f"Nobody is known as {who!r}. Give a customer id, an e-mail address, a phone number, "
            "or source|author_id as a mention has them."
        )
    return found


def erase_people(house: "House", people: Sequence[KnownPerson]) -> dict[str, Any]:
    """Erase them everywhere; returns what went, by store. There is no undo."""
    order_erasure(house.warehouse, house.landing, people, house.settings.identity_key)
    return finish(house)


def finish(house: "House") -> dict[str, Any]:
    """Carry out what was ordered and not finished; cheap when there is nothing."""
    forgotten = 0
    orders = ordered_erasures(house.landing)
    if orders:
        with house.community():
            from community.actions import forget_everywhere

            for order in orders:
                forgotten += forget_everywhere(order.authors, order.customers)
    key = house.settings.identity_key
    erased = finish_erasures(house.warehouse, house.landing, key) if orders else Erased()
    return {**asdict(erased), "community": forgotten}


def forget_leavers(house: "House") -> Erased:
    """Erase what members who left the yard had said there."""
    key = house.settings.identity_key
    people = leavers(house.warehouse, key)
    return erase(house.warehouse, house.landing, people, key) if people else Erased()
