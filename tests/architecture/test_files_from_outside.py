"""What comes in as a file is unpacked and parsed in a few places, which hold it to their limits."""

from __future__ import annotations

import re

from tests.architecture.project_files import named, python_files

UNPACKING = re.compile(
    r"\b(GzipFile|gzip\.open|gzip\.decompress|zlib\.decompress\w*|AESZipFile|ZipFile|tarfile\.\w+|bz2\.\w+|lzma\.\w+)\("
)
PARSING = re.compile(r"\b(ParserCreate|DefusedXMLParser|fromstring|iterparse|XMLParser|ET\.parse|ElementTree\.parse)\(")
# Where each of them writes, or belongs to a simulator or to the public kit, it reads nothing from outside.
UNPACKED_IN = {"companies/deliveries/staging/read_file.py", "qinqing/kernel/tables/unpacking.py"}
PARSED_IN = {"qinqing/kernel/tables/markup.py"}
WRITES_OR_IS_OURS = {"payouts/formats/exports/archive.py", "qinqing/demo/city/files.py"}
OURS = ("qinqing/kit/", "qinqing/bank_simulator/")


def places(words: re.Pattern[str]) -> set[str]:
    product = {named(file): file.read_text() for file in python_files() if not named(file).startswith("tests/")}
    return {
        name
        for name, text in product.items()
        if words.search(text) and not name.startswith(OURS) and name not in WRITES_OR_IS_OURS
    }


def test_packed_files_are_unpacked_where_their_ratio_is_limited() -> None:
    assert places(UNPACKING) == UNPACKED_IN


def test_markup_is_parsed_where_its_depth_and_its_elements_are_limited() -> None:
    assert places(PARSING) == PARSED_IN


def test_forms_that_take_a_file_are_known() -> None:
    forms = {named(file) for file in python_files() if re.search(r"forms\.(File|Image)Field\(", file.read_text())}
    assert forms == {
        "companies/contracts/admin/declaring.py",
        "companies/deliveries/admin/deliveries.py",
        "policies/portable/admin.py",
        "policies/white_lists/admin/white_lists.py",
        "payouts/batches/forms.py",
    }
