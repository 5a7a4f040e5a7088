"""Who acts: roles, what stands above what, and the identity that every command carries."""

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """Terminals act as their kind; people as their rank; the machine itself as `driver` or `console`."""

    LANE = "lane"
    STALL = "stall"
    PUMP = "pump"
    KITCHEN = "kitchen"
    PICKUP = "pickup"
    ATTENDANT = "attendant"
    CASHIER = "cashier"
    MANAGER = "manager"
    OWNER = "owner"
    DRIVER = "driver"  # hardware drivers inside the server
    LOCAL = "local"  # the command line on this machine, acting for its owner


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who gives a command. `name` is written into the journal; `terminal` is set for terminals."""

    name: str
    role: Role
    terminal: str | None = None
