"""The one exception of this package."""


class WarehouseError(Exception):
    """Something in the landing zone or the warehouse could not be done.

    The message says what happened, to which batch, table or query, and what to do about it.
    """
