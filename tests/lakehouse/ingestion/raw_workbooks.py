"""Workbooks written part by part, for what no library writes."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def relationships(**targets: str) -> str:
    """Relationships of these kinds, numbered rId1, rId2, …"""
    each = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets.items(), start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": relationships(officeDocument="xl/workbook.xml"),
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": relationships(
        worksheet="worksheets/sheet1.xml", sharedStrings="sharedStrings.xml"
    ),
}
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def sheet(rows: str, before: str = "") -> str:
    """A sheet's part; `before` stands in front of its first element."""
    return f'{before}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def strings(*texts: str) -> str:
    """The part of the texts that cells refer to by number."""
    return f'<sst xmlns="{_MAIN}">{"".join(f"<si><t>{each}</t></si>" for each in texts)}</sst>'


def packed(parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these parts."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", compression, compresslevel=9) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def raw_workbook(rows: str, *texts: str, **more: str | bytes) -> bytes:
    """A workbook of one sheet, `s`, with these rows as XML and these shared texts."""
    return packed({**PARTS, SHEET: sheet(rows), STRINGS: strings(*texts), **more})
