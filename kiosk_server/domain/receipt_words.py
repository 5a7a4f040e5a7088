"""The words of a receipt in the five languages, for paper and page alike. Names of items are the catalog's."""

from types import MappingProxyType
from typing import Final

NAMES: Final = (
    *("receipt", "total", "cash", "card", "gift", "change", "tax", "net", "thanks"),
    *("duplicate", "training", "taken_back", "deposit", "tax_id", "on_your_phone"),
    *("print", "until", "language", "rounding", "refund_of"),
)

_ROWS: Final = {
    "en": (
        *("Receipt", "Total", "Cash", "Card", "Gift card", "Change", "Tax", "net", "Thank you"),
        *("DUPLICATE", "TRAINING - NOT A RECEIPT", "Taken back", "Deposit", "Tax ID", "This receipt on your phone"),
        *("Print", "Here until {date}", "Language", "Rounding", "Refund of receipt {number}"),
    ),
    "es": (
        *("Recibo", "Total", "Efectivo", "Tarjeta", "Tarjeta regalo", "Cambio", "Impuesto", "neto", "Gracias"),
        *("DUPLICADO", "PRÁCTICA - NO ES UN RECIBO", "Devuelto", "Depósito", "NIF", "Este recibo en su teléfono"),
        *("Imprimir", "Aquí hasta el {date}", "Idioma", "Redondeo", "Devolución del recibo {number}"),
    ),
    "fr": (
        *("Ticket", "Total", "Espèces", "Carte", "Carte cadeau", "Rendu", "Taxe", "net", "Merci"),
        *("DUPLICATA", "FORMATION - SANS VALEUR", "Repris", "Consigne", "N° TVA", "Ce ticket sur votre téléphone"),
        *("Imprimer", "Ici jusqu’au {date}", "Langue", "Arrondi", "Remboursement du ticket {number}"),
    ),
    "de": (
        *("Beleg", "Summe", "Bar", "Karte", "Geschenkkarte", "Rückgeld", "Steuer", "netto", "Vielen Dank"),
        *("DUPLIKAT", "ÜBUNG - KEIN BELEG", "Zurückgenommen", "Pfand", "Steuer-Nr.", "Dieser Beleg auf Ihrem Telefon"),
        *("Drucken", "Hier bis {date}", "Sprache", "Rundung", "Erstattung zu Beleg {number}"),
    ),
    "ar": (
        *("إيصال", "المجموع", "نقدًا", "بطاقة", "بطاقة هدية", "الباقي", "ضريبة", "الصافي", "شكرًا لكم"),
        *("نسخة مكررة", "تدريب - ليس إيصالًا", "أُعيد", "تأمين", "الرقم الضريبي", "هذا الإيصال على هاتفك"),
        *("طباعة", "متاح هنا حتى {date}", "اللغة", "تقريب", "استرداد للإيصال {number}"),
    ),
}

WORDS: Final = MappingProxyType(
    {language: MappingProxyType(dict(zip(NAMES, row, strict=True))) for language, row in _ROWS.items()}
)
"""Language -> name of a text -> the text. `until` holds `{date}`, `refund_of` a `{number}`."""

OWN_NAMES: Final = MappingProxyType(
    {"en": "English", "es": "Español", "fr": "Français", "de": "Deutsch", "ar": "العربية"}
)
"""What each language calls itself."""


def choose_language(wanted: str | None, offered: tuple[str, ...]) -> str:
    """The language asked for if it is offered and spoken here, else the first such one, else English."""
    spoken = [language for language in offered if language in WORDS] or ["en"]
    return wanted if wanted in spoken else spoken[0]
