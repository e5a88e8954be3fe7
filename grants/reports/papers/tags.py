"""The last touch to the tags of a PDF, before its bytes are written: what WeasyPrint leaves open.

It gives header cells no scope, but identifiers without the tree that PDF asks for; a header over
several columns is tied to the first of them only. A scope says all that, and is shorter. And it
tags a block inside a heading or caption as another heading or caption.
"""

from __future__ import annotations

from typing import Any

import pydyf

_NOT_IN_ITSELF = frozenset({"/H1", "/H2", "/H3", "/Caption", "/P"})


def mend(pdf: Any) -> None:
    """Give every header cell its scope, and every attachment its place in the document."""
    objects = {one.reference: one for one in pdf.objects if isinstance(one, pydyf.Dictionary)}
    for one in objects.values():
        if one.get("Type") == "/StructElem":
            parent = objects[one["P"]]
            if one["S"] in {"/TH", "/TD"}:
                _mend_cell(one, objects[parent["P"]])
            elif one["S"] in _NOT_IN_ITSELF and parent.get("S") == one["S"]:
                one["S"] = "/NonStruct"
    _attach(pdf, list(objects.values()))


def _mend_cell(cell: Any, group: Any) -> None:
    """`group` is what the row of the cell lies in: head, body, or the table itself."""
    cell.pop("ID", None)
    cell["A"].pop("Headers", None)
    if cell["S"] == "/TH":
        cell["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"


def _attach(pdf: Any, objects: list[Any]) -> None:
    """The same figures as data, as PDF 2.0 and PDF/A-3 say it and readers of 1.7 understand."""
    files = [one for one in objects if one.get("Type") == "/Filespec"]
    for file in files:
        file["AFRelationship"] = "/Data"
    if files:
        pdf.catalog["AF"] = pydyf.Array([file.reference for file in files])
