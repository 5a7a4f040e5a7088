"""Every refusal a person or a program can meet, drawn as one tree.

    Refusal                      a command was understood and is not done; nothing has changed
    +-- BadRequest               the bytes were not a command
    |   +-- UnknownCommand
    +-- NotSignedIn              nobody is known by this token or session
    +-- Forbidden                somebody is known, but may not do this
    +-- NotFound                 the thing named does not exist (any more)
    +-- BadCode                  the scanner read something that is no product code
    |   +-- BadCheckDigit
    |   +-- CodeTooLong
    +-- UnknownItem              a valid code that the catalog does not hold
    +-- NotForSale               the item is known, but cannot be sold now
    +-- CouponNotTaken           it is not known, its time is over, or it was used before
    +-- HandOffNotTaken          nobody carries a basket under this code (any more)
    +-- WeightNeeded             the item is sold by weight and was not weighed yet
    +-- WrongState               the state table has no such transition
    |   +-- IllegalTransition
    +-- OutOfRange               a quantity or amount outside its limits
    +-- BasketEmpty
    +-- AttendantNeeded          somebody of the staff has to look before this goes on
    +-- ScaleNotReady            nothing on the scale can be sold by its weight now
    +-- BaggingDisagrees         what lies in the bagging area is not what was scanned
    +-- AmountTooSmall           the cash handed over does not cover what is due
    +-- UnknownGiftCard          no gift card has this number
    +-- GiftCardExpired          its time is over
    +-- GiftCardEmpty            it holds no money any more, or too little to take back
    +-- KeyReused                same key, other body
    +-- AlreadyExists
    +-- TooMany                  a rate limit; details carry retry_after_s
    +-- Busy                     the writer's queue is full; try again in a moment
    +-- ReadOnly                 the store cannot be written (disk full or failing)

The wire shape is `{ok: false, code, message, details?}`; `code` is the class name in snake case. The message says what
happened, what it means, and what to do; screens translate by `code` and fall back to it.
"""

import re
from typing import ClassVar


def snake_case(name: str) -> str:
    """`ScanItem` -> `scan_item`: how every struct and refusal is called on the wire."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault of the program
    """A command was understood and is not done; nothing has changed.

    `details` holds plain JSON values for programs; `message` is for people.
    """

    code: ClassVar[str] = "refusal"

    def __init_subclass__(cls) -> None:
        cls.code = snake_case(cls.__name__)

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class BadRequest(Refusal): ...


class UnknownCommand(BadRequest): ...


class NotSignedIn(Refusal): ...


class Forbidden(Refusal): ...


class NotFound(Refusal): ...


class BadCode(Refusal): ...


class BadCheckDigit(BadCode): ...


class CodeTooLong(BadCode): ...


class UnknownItem(Refusal): ...


class NotForSale(Refusal): ...


class CouponNotTaken(Refusal): ...


class HandOffNotTaken(Refusal): ...


class WeightNeeded(Refusal): ...


class WrongState(Refusal): ...


class IllegalTransition(WrongState): ...


class OutOfRange(Refusal): ...


class BasketEmpty(Refusal): ...


class AttendantNeeded(Refusal): ...


class ScaleNotReady(Refusal): ...


class BaggingDisagrees(Refusal): ...


class AmountTooSmall(Refusal): ...


class UnknownGiftCard(Refusal): ...


class GiftCardExpired(Refusal): ...


class GiftCardEmpty(Refusal): ...


class KeyReused(Refusal): ...


class AlreadyExists(Refusal): ...


class TooMany(Refusal): ...


class Busy(Refusal): ...


class ReadOnly(Refusal): ...
