"""Files that departments lay into folders: each lands once or is refused with a sentence, and nothing leads out."""

from __future__ import annotations

import base64
import datetime as dt
import os
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone, translation

from companies.deliveries.watched import watch as watching
from companies.deliveries.watched.folder import DepartmentFolder, hold
from companies.deliveries.watched.names import WrongName, is_to_be_delivered, read_name
from companies.deliveries.watched.watch import watch_once
from companies.models import Company, Delivery, DeliveryStatus
from companies.tasks import watch_folder
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import csv_file, gzip_file
from tests.factories.signatures import make_private_key, register, sign

pytestmark = pytest.mark.django_db
NAME = "tax--2026-03-02.csv"


@pytest.fixture
def firm() -> Company:
    return make_company(has_account=False)


@pytest.fixture
def file(firm: Company) -> bytes:
    return csv_file("tax", {"credit_code": firm.credit_code, "year": 2024, "revenue": 1}, {"credit_code": "x"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "watched" / "tax").mkdir(parents=True)
    return tmp_path / "watched"


def lay(folder: Path, content: bytes, name: str = NAME, department: str = "tax") -> Path:
    place = folder / department / name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(content)
    return place


def look(folder: Path, still_seconds: float = 0, **named: object) -> dict[str, int]:
    return dict(watch_once(folder=folder, still_seconds=still_seconds, **named))  # type: ignore[arg-type]


def names_in(folder: Path, part: str, department: str = "tax") -> list[str]:
    return sorted(each.name for each in (folder / department / part).iterdir())


def told(folder: Path, part: str, name: str = NAME, department: str = "tax") -> str:
    """The English line of the text beside a file."""
    chinese, english = (folder / department / part / f"{name}.txt").read_text().splitlines()
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese)
    return english


def test_a_file_lands_once_and_is_put_away(folder: Path, file: bytes) -> None:
    lay(folder, file)
    assert look(folder) == {"landed": 1}
    assert names_in(folder, "landed") == [NAME, f"{NAME}.txt"]
    assert "of tax 1 rows landed" in told(folder, "landed")
    assert "the delivery is unsigned" in told(folder, "landed")
    assert look(folder) == {}
    delivery = Delivery.objects.get()
    assert (str(delivery.as_of_on), delivery.delivered_by, delivery.delivery_id[:14]) == (
        "2026-03-02", None, "tax-2026-03-02",
    )  # fmt: skip


def test_the_same_file_again_is_known_by_its_content(folder: Path, file: bytes) -> None:
    for _time in range(2):
        lay(folder, file)
        assert look(folder) == {"landed": 1}
    assert Delivery.objects.count() == 1
    assert names_in(folder, "landed") == [NAME, f"{NAME}.2", f"{NAME}.2.txt", f"{NAME}.txt"]
    assert "nothing was done again" in told(folder, "landed", f"{NAME}.2")


def test_the_name_may_tell_an_id_which_lands_once(folder: Path, file: bytes) -> None:
    lay(folder, gzip_file(file), "tax--2026-03-02--march.1.csv.gz")
    assert look(folder) == {"landed": 1}
    assert Delivery.objects.get().delivery_id == "march.1"
    lay(folder, file + b"\n", "tax--2026-03-02--march.1.csv")
    assert look(folder) == {"refused": 1}
    assert "landed on" in told(folder, "refused", "tax--2026-03-02--march.1.csv")


def test_a_signed_file_lands_as_signed_with_what_lies_beside_it(folder: Path, file: bytes) -> None:
    private = make_private_key()
    key = register(private)
    signed = sign(file, key=private, delivery_id="march")
    name = "tax--2026-03-02--march.csv"
    lay(folder, signed.manifest, f"{name}.manifest.json")
    lay(folder, base64.b64encode(signed.signature) + b"\n", f"{name}.sig")
    lay(folder, file, name)
    assert look(folder) == {"landed": 1}
    assert Delivery.objects.get().signed_with == key
    assert "signed by 出口机" in told(folder, "landed", name)
    assert names_in(folder, "landed") == [name, f"{name}.manifest.json", f"{name}.sig", f"{name}.txt"]


def test_a_signature_that_does_not_fit_refuses_the_file(folder: Path, file: bytes) -> None:
    signed = sign(file, key=make_private_key())
    lay(folder, signed.manifest, f"{NAME}.manifest.json")
    lay(folder, file)
    assert look(folder) == {"refused": 1}
    assert "without its signature" in told(folder, "refused")
    assert names_in(folder, "refused") == [NAME, f"{NAME}.manifest.json", f"{NAME}.txt"]
    assert not TaxYear.objects.exists()
    assert Delivery.objects.get().status == DeliveryStatus.FAILED


@pytest.mark.parametrize(
    ("name", "department", "said"),
    [
        ("tax.csv", "tax", "The file is called “tax.csv”; call it by dataset and day"),
        ("tax--2026-02-30.csv", "tax", "call it by dataset and day"),
        ("tax--2026-03-02.pdf", "tax", "call it by dataset and day"),
        ("tax--2026-03-02--a b.csv", "tax", "call it by dataset and day"),
        ("tax--2026-03-02--..\\..\\x.csv", "tax", "call it by dataset and day"),
        ("taxs--2026-03-02.csv", "tax", "did you mean “tax”"),
        ("tax--2999-01-01.csv", "tax", "has not come yet"),
        ("tax--2026-03-02.csv", "labour", "“tax” belongs to Tax; lay it into the folder “tax”"),
        ("tax--2026-03-02.csv", "nobody", "“tax” belongs to Tax; lay it into the folder “tax”"),
    ],
)
def test_a_wrong_name_is_answered_by_one_sentence(
    folder: Path, file: bytes, name: str, department: str, said: str
) -> None:
    lay(folder, file, name, department)
    assert look(folder) == {"refused": 1}
    assert said in told(folder, "refused", name, department)
    assert not TaxYear.objects.exists()
    assert not Delivery.objects.filter(status=DeliveryStatus.LANDED).exists()


def test_a_name_that_is_no_text_or_very_long_is_refused_too(folder: Path, file: bytes) -> None:
    for name in (b"\xff\xfe.csv", b"x" * 255):
        with open(os.path.join(os.fsencode(folder), b"tax", name), "wb") as laid:
            laid.write(file)
    assert look(folder) == {"refused": 2}
    assert look(folder) == {}


def test_an_unreadable_file_is_refused_with_its_sentence(folder: Path) -> None:
    lay(folder, b"\xff\xfeabc")
    assert look(folder) == {"refused": 1}
    assert "UTF-16" in told(folder, "refused")


def test_a_file_that_somebody_still_writes_is_left(folder: Path, file: bytes) -> None:
    lay(folder, file)
    assert look(folder, 10) == {"waiting": 1}
    assert not Delivery.objects.exists()
    # The time of the last change cannot be set back by who copies.
    os.utime(folder / "tax" / NAME, (0, 0))
    assert look(folder, 10) == {"waiting": 1}
    assert look(folder, 10, clock=lambda: timezone.now() + dt.timedelta(seconds=11)) == {"landed": 1}


def test_a_file_whose_manifest_is_still_written_is_left(folder: Path, file: bytes) -> None:
    lay(folder, file)
    later = timezone.now().timestamp() + 11
    with hold(folder, "tax") as held:
        assert held is not None
        assert held.is_complete(NAME, at=later, still_seconds=10)
        os.utime(lay(folder, b"{}", f"{NAME}.manifest.json"))
        assert not held.is_complete(NAME, at=later - 5, still_seconds=10)


def test_a_mark_says_that_a_file_is_complete(folder: Path, file: bytes) -> None:
    lay(folder, file)
    lay(folder, b"", f"{NAME}.done")
    assert look(folder, 1_000) == {"landed": 1}
    assert names_in(folder, "landed") == [NAME, f"{NAME}.done", f"{NAME}.txt"]


def test_a_file_that_grows_while_it_is_read_is_left(folder: Path, file: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    place = lay(folder, file)
    opened = DepartmentFolder._open

    def grow(held: DepartmentFolder, name: str) -> object:
        reading = opened(held, name)
        read = reading.read

        def read_and_grow(count: int = -1) -> bytes:
            found = read(count)
            with place.open("ab") as writing:
                writing.write(b"\n")
            return found if found.strip() else b""

        reading.read = read_and_grow  # type: ignore[method-assign]
        return reading

    with monkeypatch.context() as patch:
        patch.setattr(DepartmentFolder, "_open", grow)
        assert look(folder) == {"waiting": 1}
    assert not Delivery.objects.exists()
    assert look(folder) == {"landed": 1}


@pytest.mark.parametrize("name", [".tax--2026-03-02.csv.Xy1", f"{NAME}.part", f"{NAME}.tmp", f"{NAME}.filepart"])
def test_half_copied_files_and_what_lies_beside_others_is_no_delivery(folder: Path, file: bytes, name: str) -> None:
    lay(folder, file, name)
    lay(folder, b"{}", f"{NAME}.manifest.json")
    (folder / "tax" / "kept").mkdir()
    assert look(folder) == {}
    assert (folder / "tax" / name).exists()


def test_no_link_leads_out_of_the_folder(folder: Path, file: bytes, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_bytes(file)
    (folder / "tax" / NAME).symlink_to(outside)
    os.mkfifo(folder / "tax" / "tax--2026-03-01.csv")
    assert look(folder) == {"refused": 2}
    assert "a link or no plain file" in told(folder, "refused")
    assert outside.read_bytes() == file
    assert not Delivery.objects.exists()


def test_no_folder_is_a_link(folder: Path, file: bytes, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / NAME).write_bytes(file)
    (folder / "labour").symlink_to(outside)
    (folder / "tax" / "landed").symlink_to(outside)
    lay(folder, file)
    # What cannot be put away does not land.
    assert look(folder) == {"trouble": 1}
    assert not Delivery.objects.exists()
    assert [each.name for each in outside.iterdir()] == [NAME]


def test_a_manifest_that_is_a_link_is_not_read(folder: Path, file: bytes, tmp_path: Path) -> None:
    lay(folder, file)
    (tmp_path / "secret").write_text("secret")
    (folder / "tax" / f"{NAME}.manifest.json").symlink_to(tmp_path / "secret")
    assert look(folder) == {"refused": 1}
    assert "a link or no plain file" in told(folder, "refused")


@pytest.mark.parametrize("step", ["_write_text", "rename"])
def test_whoever_is_stopped_after_the_landing_delivers_it_once(
    folder: Path, file: bytes, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(folder, file)
    target = {"_write_text": "companies.deliveries.watched.folder._write_text", "rename": "os.rename"}[step]

    def stop(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(target, stop)
        with pytest.raises(KeyboardInterrupt):
            look(folder)
    assert Delivery.objects.get().status == DeliveryStatus.LANDED
    assert (folder / "tax" / NAME).exists()
    assert look(folder) == {"landed": 1}
    assert Delivery.objects.count() == 1
    assert names_in(folder, "landed") == [NAME, f"{NAME}.txt"]


def test_one_file_in_trouble_keeps_none_from_landing(
    folder: Path, file: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lay(folder, file, "tax--2026-03-01--zhangsan.csv")
    lay(folder, file)
    take = watching._take

    def fail(held: DepartmentFolder, name: str, now: dt.datetime) -> str:
        if "zhangsan" in name:
            raise PermissionError(13, "no", name)
        return take(held, name, now)

    monkeypatch.setattr(watching, "_take", fail)
    assert look(folder) == {"trouble": 1, "landed": 1}


def test_another_watcher_has_the_folder(folder: Path, file: bytes) -> None:
    lay(folder, file)
    with hold(folder, "tax") as held:
        assert held is not None
        assert look(folder) == {}
    assert look(folder) == {"landed": 1}


def test_the_command_looks_once_and_says_what_it_did(folder: Path, file: bytes) -> None:
    lay(folder, file)
    lay(folder, file, "x.csv")
    out = StringIO()
    with translation.override("en"):
        call_command("watch_deliveries", str(folder), "--once", "--still", "0", stdout=out)
        assert out.getvalue() == "1 files landed, 1 were refused, 0 wait, 0 could not be read.\n"
        with pytest.raises(CommandError, match="No such file"):
            call_command("watch_deliveries", str(folder / "gone"), "--once")


def test_a_worker_looks_where_the_settings_say(folder: Path, file: bytes) -> None:
    lay(folder, file)
    lay(folder, b"", f"{NAME}.done")
    with override_settings(WATCHED_FOLDER=str(folder)):
        watch_folder()
    assert names_in(folder, "landed")[0] == NAME


def test_names_are_read() -> None:
    named = read_name("tax--2026-03-02--a--b.ndjson.gz")
    assert (named.dataset, named.as_of_on, named.delivery_id) == ("tax", dt.date(2026, 3, 2), "a--b")
    assert read_name(NAME).delivery_id == ""
    with pytest.raises(WrongName):
        read_name("../tax--2026-03-02.csv")
    assert not is_to_be_delivered(f"{NAME}.done")
    assert Counter(map(is_to_be_delivered, (NAME, f"{NAME}.sig", ".hidden"))) == {True: 1, False: 2}
