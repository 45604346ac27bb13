"""A contract of every type of column, in the short form of YAML; tests write one part of it otherwise."""

from __future__ import annotations

TOLLS = """\
apiVersion: v3.1.0
kind: DataContract
version: 1.0.0
schema:
- name: tolls
  customProperties:
  - {property: subject, value: company}
  - {property: department, value: tax}
  - {property: zh, value: 过路费}
  - {property: en, value: Tolls}
  properties:
  - name: credit_code
    logicalType: string
    logicalTypeOptions: {format: credit-code}
    required: true
    primaryKey: true
    customProperties: [{property: zh, value: 代码}, {property: en, value: Code}, {property: role, value: credit_code}]
  - name: month
    logicalType: date
    logicalTypeOptions: {format: yyyy-MM}
    required: true
    primaryKey: true
    customProperties: [{property: zh, value: 月份}, {property: en, value: Month}]
  - name: fee
    logicalType: number
    logicalTypeOptions: {minimum: 0, maximum: 9000}
    customProperties: [{property: zh, value: 通行费}, {property: en, value: Fee}, {property: unit, value: 元}]
  - name: road
    logicalType: string
    logicalTypeOptions: {maxLength: 20}
    customProperties: [{property: zh, value: 道路}, {property: en, value: Road}]
  - name: share
    logicalType: number
    physicalType: numeric(5, 2)
    customProperties: [{property: zh, value: 占比}, {property: en, value: Share}]
  - name: lane
    logicalType: string
    customProperties:
    - {property: zh, value: 车道}
    - {property: en, value: Lane}
    - property: values
      value:
      - {code: fast, zh: 快, en: Fast}
      - {code: slow, zh: 慢, en: Slow}
  - name: month_of_year
    logicalType: integer
    transformLogic: month_of_year(month)
    customProperties: [{property: zh, value: 月}, {property: en, value: Month of the year}]
slaProperties:
- {property: latency, value: 62, unit: d}
"""


def with_change(old: str, new: str) -> str:
    """The contract with one part written otherwise; the part has to stand there once."""
    assert TOLLS.count(old) == 1, f"“{old}” stands there {TOLLS.count(old)} times."
    return TOLLS.replace(old, new)
