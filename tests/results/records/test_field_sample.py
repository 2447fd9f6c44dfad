"""The fields known of a file are those of the records that were looked at last."""

from batchtui.results.records.field_sample import FieldSample
from batchtui.results.records.finder import Record


def test_fields_asked_for_while_others_are_looked_at_are_not_taken_for_theirs() -> None:
    sample, forms = FieldSample(), bytes([1]) * 601
    for _ in range(600):
        sample.catalog.add({"first": 1})

    def read(_row: int) -> Record:
        assert [one.path for one in sample.fields(601)] == [".first"]
        return Record("json", "", {"late": 1})

    sample.spread(forms, 601, read)
    assert [one.path for one in sample.fields(601)] == [".late"]
