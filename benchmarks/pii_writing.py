"""How people write numbers down: apart or together, and in signs of full width."""

import random

Dice = random.Random
Made = tuple[str, str, str]  # what stays before the secret, the secret, its label


def digits(dice: Dice, count: int) -> str:
    return "".join(dice.choices("0123456789", k=count))


def wide(text: str) -> str:
    """The same in full-width signs, as a Korean keyboard can give them."""
    return "".join(chr(ord(sign) + 0xFEE0) if sign in "0123456789-" else sign for sign in text)


def sometimes_wide(dice: Dice, text: str) -> str:
    return wide(text) if dice.random() < 0.08 else text


def joined(dice: Dice, *parts: str, by: str = "-|-|-| |.| - |") -> str:
    return dice.choice(by.split("|")).join(parts)
