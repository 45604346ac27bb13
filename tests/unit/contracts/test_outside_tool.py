"""The standard's own library reads our contracts, and we read what it writes."""

from __future__ import annotations

import pytest
from open_data_contract_standard.model import OpenDataContractStandard

from companies.contracts.contract import Contract
from companies.contracts.read import read_contract
from companies.contracts.shipped import read_shipped
from companies.contracts.write import write_contract

SHIPPED = {read_contract(text).name: text for text in read_shipped()}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_contract_comes_back_from_the_standards_own_library_as_it_was(name: str) -> None:
    contract = read_contract(SHIPPED[name])
    through = OpenDataContractStandard.from_string(write_contract(contract)).to_yaml()
    assert read_contract(through) == contract


def test_the_library_finds_what_the_standard_has_a_place_for() -> None:
    contract: Contract = read_contract(SHIPPED["loans"])
    read = OpenDataContractStandard.from_string(SHIPPED["loans"])
    [table] = read.schema_
    assert (read.kind, read.apiVersion, read.version, read.status) == ("DataContract", "v3.1.0", "1.0.0", "active")
    assert [each.name for each in table.properties] == [each.name for each in contract.properties]
    assert [each.name for each in table.properties if each.primaryKey] == list(contract.key)
    assert {each.name for each in table.properties if each.required} == {
        each.name for each in contract.properties if each.is_required
    }
