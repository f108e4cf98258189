"""What X's refusals ask of the operator. Imported with tweepy, when X is asked."""

import requests
from tweepy import HTTPException

from collectors.services.api import ApiError
from collectors.services.sessions import again_in


def explained(error: Exception) -> ApiError | None:
    """What an exception of tweepy says of X; None for what is not from X."""
    if isinstance(error, HTTPException):
        status = error.response.status_code
        headers = {name.lower(): value for name, value in error.response.headers.items()}
        said = "; ".join(str(message) for message in error.api_messages)
        return ApiError(meaning(status, said), status, again_in(headers), error.api_errors)
    if isinstance(error, requests.RequestException):
        reason = type(error).__name__
        return ApiError(f"X does not answer ({reason}). Look at base_url in the section [x].")
    return None


def meaning(status: int, said: str) -> str:
    """What a status of X asks of the operator."""
    told = f" It says: {said}." if said else ""
    meanings = {
        401: "X refuses the key (401). Look at bearer_token in the section [x], and to reply at "
        "consumer_key and access_token; they are had at developer.x.com.",
        402: "X wants to be paid (402): your account has no credits left for this. Add some at "
        "developer.x.com.",
        403: "X forbids this (403): your plan or your app's permissions do not allow it. Look at "
        "your plan at developer.x.com, and whether archive and streaming in the section [x] are "
        "set in vain.",
        429: "X takes no more requests for now (429).",
    }
    return meanings.get(status, f"X answers with the status {status}.") + told
