"""What people and terminals may be called: names that can be seen, for a journal must not speak of two as one."""

from typing import Final

from kiosk_server.domain.errors import BadRequest

# Unicode 14.0.0, DerivedCoreProperties.txt, Default_Ignorable_Code_Point: drawn as nothing, though many of them are
# letters or marks to the standard library and so printable. The standard library has no table of them.
DEFAULT_IGNORABLE: Final = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
BRAILLE_BLANK: Final = "\u2800"  # a symbol without a dot, which is not ignorable and yet nothing to see


def check_visible(name: str, whose: str) -> None:
    """Raise BadRequest for a name with anything in it that cannot be seen. `whose` is "person" or "terminal"."""
    if not name.isprintable() or BRAILLE_BLANK in name or any(map(_is_ignorable, name)):
        raise BadRequest(f"A {whose}'s name is made of letters that can be seen. Nothing was changed. Type it anew.")


def _is_ignorable(letter: str) -> bool:
    return any(first <= ord(letter) <= last for first, last in DEFAULT_IGNORABLE)
