"""The bytes of a catalog file as rows of text: which encoding, which delimiter, which column is which.

Files come from spreadsheets, wholesalers and cash registers of forty years. What can be told from the bytes is told
from them; what cannot is refused with a sentence, never guessed into a wrong price.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence

import msgspec

DELIMITERS = ",;\t|"
CELL_LIMIT = 10_000

SYNONYMS = {
    "barcode": "barcode code ean ean13 ean8 ean_code gtin gtin13 gtin14 upc upca plu itemcode item_code article_code "
    "artikelnummer strichcode code_barre code_barres codebarre codigo codigo_de_barras codigo_barras scancode",
    "name": "name product product_name productname item item_name description title article artikel bezeichnung "
    "artikelbezeichnung produkt produktname nom produit designation libelle nombre producto descripcion denominacion",
    "price": "price unit_price retail_price sale_price selling_price amount preis vk vk_preis verkaufspreis prix "
    "prix_ttc prix_unitaire precio pvp precio_venta",
    "tax": "tax tax_class tax_rate taxrate vat vat_rate vat_class mwst ust steuer steuersatz tva taux_tva iva tipo_iva",
    "category": "category categories department group product_group section kategorie warengruppe abteilung categorie "
    "rayon famille categoria familia seccion departamento",
    # Only words that say a unit: a wholesaler's "weight" is "1,5 kg", and its "picture" an address on the web.
    "price_per_kg": "price_per_kg price_kg kg_price kilopreis preis_kg preis_pro_kg prix_kg prix_au_kg precio_kg",
    "weight_g": "weight_g gewicht_g poids_g peso_g",
    "minimum_age": "minimum_age min_age age_limit mindestalter age_minimum edad_minima",
    "max_quantity": "max_quantity max_per_basket hoechstmenge quantite_max cantidad_maxima",
    "deposit": "deposit bottle_deposit pfand consigne deposito fianza",
    "withdrawn": "withdrawn recalled rueckruf",
    "bagging": "bagging bagging_area",
    "tare_g": "tare_g tara_g",
    "picture": "picture_file bilddatei",
}
COLUMN_OF = {word: column for column, words in SYNONYMS.items() for word in words.split()}
IGNORED = frozenset({"line", "reason"})
"""The columns that we put before a refused row, so that a mended file of refusals can be imported as it is."""


class UnreadableFile(Exception):  # noqa: N818 - a sentence for people, like a Refusal
    """The file as a whole is no catalog; nothing was imported."""


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A file's text, understood. `columns` maps our names to positions; undecodable bytes are lone surrogates."""

    text: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    columns: dict[str, int]
    skipped_lines: int = 0

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line number in the file, cells) of every row after the header, blank lines left out."""
        lines = io.StringIO(self.text, newline="")
        for _ in range(self.skipped_lines):
            lines.readline()
        reader = csv.reader(lines, delimiter=self.delimiter)
        next(reader)
        started_at = reader.line_num + 1 + self.skipped_lines
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield started_at, cells
            started_at = reader.line_num + 1 + self.skipped_lines


def understand(data: bytes) -> Sheet:
    """Encoding, delimiter and columns of a catalog file; raises UnreadableFile with what to do about it."""
    if not data.strip():
        raise UnreadableFile("The file is empty. Nothing was imported.")
    if data[:4] == b"PK\x03\x04" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise UnreadableFile("This is a spreadsheet, not a CSV file. Save it as 'CSV UTF-8' and import that.")
    text, encoding = decode(data)
    if "\0" in text:
        raise UnreadableFile("The file holds NUL bytes, so it is no text. Nothing was imported.")
    skipped = 0
    hint = re.match(r"sep=(.)\r?\n", text)  # Excel's own first line
    if hint:
        skipped = 1
    first = text[hint.end() if hint else 0 :]
    delimiter, header, columns = _header(first, hint.group(1) if hint else None)
    missing = [column for column in ("barcode", "name") if column not in columns]
    if missing:
        raise UnreadableFile(
            f"The first line names no column for {' and '.join(missing)} (found: {', '.join(header)[:200]}). "
            "Nothing was imported. The first line must be a header such as: barcode,name,price,tax,category"
        )
    return Sheet(
        text=text, encoding=encoding, delimiter=delimiter, header=header, columns=columns, skipped_lines=skipped
    )


def decode(data: bytes) -> tuple[str, str]:
    """Text and the encoding's name. Few broken bytes in a UTF-8 file stay, as lone surrogates, for their row's refusal.

    No byte order mark and no valid UTF-8 means Windows' western code page, which every spreadsheet there writes.
    """
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(codec, "replace" if codec == "utf-16" else "surrogateescape"), codec
    if b"\0" in data[:200]:
        codec = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        return data.decode(codec, "replace"), codec
    text = data.decode("utf-8", "surrogateescape")
    broken = len(re.findall("[\udc80-\udcff]", text))
    intact = sum(1 for letter in text if "\x80" <= letter < "\ud800" or letter > "\udfff") if broken else 0
    if broken <= intact // 4:
        return text, "utf-8"
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def _header(text: str, delimiter: str | None) -> tuple[str, tuple[str, ...], dict[str, int]]:
    best: tuple[str, tuple[str, ...], dict[str, int]] = (",", (), {})
    for candidate in delimiter or DELIMITERS:
        try:
            cells = tuple(next(csv.reader(io.StringIO(text, newline=""), delimiter=candidate)))
        except (csv.Error, StopIteration):
            continue
        columns = name_columns(cells)
        if (len(columns), len(cells)) > (len(best[2]), len(best[1])):
            best = candidate, cells, columns
    return best


def name_columns(header: Sequence[str]) -> dict[str, int]:
    """Position of each column we know; the first of several that mean the same counts."""
    columns: dict[str, int] = {}
    for position, cell in enumerate(header):
        plain = unicodedata.normalize("NFKD", cell.strip().lower()).encode("ascii", "ignore").decode()
        word = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
        if word in COLUMN_OF and word not in IGNORED:
            columns.setdefault(COLUMN_OF[word], position)
    return columns
