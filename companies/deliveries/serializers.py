"""How deliveries and datasets are told to departments' machines."""

from __future__ import annotations

import datetime as dt
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from companies.deliveries.registry.columns import Column
from companies.deliveries.registry.targets import Deliverable
from companies.models import Delivery, DeliveryKey, QuarantinedRow

PAGE_ROWS = 100


class QuarantinedRowSerializer(serializers.ModelSerializer[QuarantinedRow]):
    """A row that did not land."""

    row = serializers.IntegerField(source="row_number", help_text="A CSV file's header is row 1.")
    sentence = serializers.CharField(help_text="The reason in words.")

    class Meta:
        model = QuarantinedRow
        fields = ["row", "column", "reason", "sentence"]


class SignerSerializer(serializers.ModelSerializer[DeliveryKey]):
    """The key by which a delivery is signed."""

    class Meta:
        model = DeliveryKey
        fields = ["department", "machine", "algorithm", "fingerprint"]


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """A delivery with the first rows of its quarantine."""

    as_of = serializers.DateField(source="as_of_on")
    refusal = serializers.CharField(source="why", read_only=True)
    rows_landed = serializers.IntegerField(source="landed_count")
    facts_changed = serializers.IntegerField(source="changed_count")
    rows_quarantined = serializers.IntegerField(source="quarantined_count")
    read_as = serializers.CharField(help_text="The format as which the file was read, such as “CSV, GB18030”.")
    signed_by = SignerSerializer(source="signed_with", allow_null=True, help_text="Null: the delivery is unsigned.")
    quarantine = serializers.SerializerMethodField(help_text=f"At most {PAGE_ROWS} rows; go on with `after_row`.")

    class Meta:
        model = Delivery
        fields = [
            "delivery_id",
            "dataset",
            "as_of",
            "status",
            "refusal",
            "rows_landed",
            "facts_changed",
            "rows_quarantined",
            "read_as",
            "sha256",
            "received_at",
            "signed_by",
            "quarantine",
        ]

    @extend_schema_field(QuarantinedRowSerializer(many=True))
    def get_quarantine(self, delivery: Delivery) -> list[dict[str, Any]]:
        """A page of the rows that did not land, in the order of the file."""
        rows = delivery.quarantined_rows.filter(row_number__gt=self.context.get("after_row", 0))
        page = QuarantinedRowSerializer(rows.order_by("row_number")[:PAGE_ROWS], many=True)
        return [dict(row) for row in page.data]


class RefusalSerializer(serializers.Serializer[dict[str, str]]):
    """Why something was not done."""

    detail = serializers.CharField(help_text="One sentence: what, where, what to do.")


class ColumnSerializer(serializers.Serializer[Column]):
    """A column of a dataset."""

    name = serializers.CharField()
    name_zh = serializers.CharField(source="word.zh", help_text="The header may name the column like this as well.")
    name_en = serializers.CharField(source="word.en")
    unit = serializers.CharField(source="word.unit")
    type = serializers.CharField(source="kind.type")
    options = serializers.SerializerMethodField()
    example = serializers.CharField(source="kind.example")
    is_required = serializers.BooleanField(help_text="Whether every row has a value.")
    may_be_left_out = serializers.BooleanField(help_text="Whether the file may do without the column.")

    def get_options(self, column: Column) -> list[str]:
        """The words that a column of choices may hold."""
        return list(getattr(column.kind, "options", ()))


class DatasetSerializer(serializers.Serializer[Deliverable]):
    """A dataset as it is delivered."""

    name = serializers.CharField()
    name_zh = serializers.CharField(source="word.zh")
    name_en = serializers.CharField(source="word.en")
    department = serializers.CharField()
    columns = ColumnSerializer(many=True)
    key = serializers.ListField(child=serializers.CharField(), help_text="The columns that identify a row.")
    freshness_days = serializers.IntegerField(allow_null=True, help_text="Older data decides nothing; null: history.")
    contract_version = serializers.SerializerMethodField(help_text="What a signed manifest names; null: no contract.")
    newest_as_of = serializers.SerializerMethodField(help_text="The day that the newest landed data is from.")

    def get_contract_version(self, deliverable: Deliverable) -> str | None:
        """The version of the contract in force."""
        return deliverable.contract.version if deliverable.contract else None

    def get_newest_as_of(self, deliverable: Deliverable) -> dt.date | None:
        """The day of the newest landed delivery."""
        newest: dict[str, dt.date] = self.context["freshness"]
        return newest.get(deliverable.name)
