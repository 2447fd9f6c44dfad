"""Naming batches: labels, beginnings, last, several pasted at once."""

from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.simulator.faults import Fault
from tests.cli.running import Program
from tests.cli.service import HOUR, Service
from tests.cli.test_create import request_lines


def test_a_label_names_its_batch(service: Service, program: Program) -> None:
    batch = service.add()
    program("label", batch.id, "my", "batch")
    assert program("show", "My Batch").records[0]["id"] == batch.id
    assert program("results", "my batch").out == service.content(batch)
    assert program("watch", "my batch").code == 0
    assert program("label", "my batch", "other").records == [{"id": batch.id, "label": "other"}]
    assert program("delete", "other", "--yes").records[0]["outcome"] == "done"
    # of what is gone, the label still finds what is here
    assert program("results", "other").out == service.content(batch)


def test_a_label_of_several_is_refused(service: Service, program: Program) -> None:
    for batch in (service.add(), service.add()):
        program("label", batch.id, "twin")
    outcome = program("cancel", "twin")
    assert outcome.code == 2
    assert "several" in outcome.err
    assert not any("POST" in path for path in service.paths())


def test_a_beginning_and_last(service: Service, program: Program) -> None:
    service.add(age=3 * HOUR)
    newest = service.add()
    program("list")
    assert program("show", newest.id[:-2]).records[0]["id"] == newest.id
    common = newest.id[:9]
    assert program("show", common).code == 2
    newer = service.add(age=timedelta(minutes=30))
    assert program("show", "last").records[0]["id"] == newer.id
    assert program("delete", "last", "--yes").records[0]["id"] == newer.id
    assert program("show", "last").records[0]["id"] == newest.id


def test_what_is_deleted_is_named_without_doubt_on_the_server(
    service: Service, program: Program
) -> None:
    seen = service.add()
    program("list")
    service.add()
    refused = program("delete", seen.id[:9], "--yes")
    assert refused.code == 2
    assert not any("DELETE" in path for path in service.paths())


@pytest.mark.parametrize("between", [" ", ",", "\n", '", "'])
def test_several_pasted_ids_are_several(service: Service, program: Program, between: str) -> None:
    ids = [service.add().id, service.add().id]
    outcome = program("delete", f"{ids[0]}{between}{ids[1]}", "--yes")
    assert [one["id"] for one in outcome.records] == ids
    assert program("show", f"{ids[0]}{between}{ids[1]}").code == 2
    assert program("show", f"  {service.add().id}\n").code == 0


def test_nothing_is_last_where_there_is_nothing(service: Service, program: Program) -> None:
    assert "no batch yet" in program("show", "last").err
    assert "no batch yet" in program("label", "last", "x").err


def test_a_typo_is_told_as_not_found(service: Service, program: Program) -> None:
    outcome = program("watch", "my-lable")
    assert outcome.code == 2
    assert "no batch of that id or label" in outcome.err


@pytest.mark.parametrize(
    "words",
    [
        ("show", "nolbl"),
        ("results", "nolbl"),
        ("merge", "nolbl"),
        ("retry", "nolbl"),
        ("cancel", "nolbl"),
        ("delete", "nolbl", "--yes"),
        ("forget", "nolbl", "--yes"),
        ("watch", "nolbl"),
        ("label", "nolbl", "x"),
        ("attach", "nolbl", "b.jsonl"),
    ],
)
def test_a_word_that_names_nothing_is_refused_and_nothing_is_kept_or_changed(
    service: Service,
    program: Program,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.jsonl").write_text('{"custom_id": "a", "params": {}}\n')
    batch = service.add()
    program("list")
    outcome = program(*words)
    assert (outcome.code, outcome.out) == (2, b"")
    assert "nolbl: there is no batch of that id or label" in outcome.err
    assert "deleted" not in outcome.err
    assert not any(path.startswith(("POST", "DELETE")) for path in service.paths())
    assert program("show", batch.id).records[0]["label"] is None
    # not known by now either
    assert "no batch of that id or label" in program("label", "nolbl", "x").err


def test_an_id_of_another_form_is_one_where_the_server_knows_it(
    service: Service, program: Program
) -> None:
    batch = service.add()
    listed = _page(_raw("job-17"))
    service.world.faults.add(
        Fault(status=404, operation="retrieve", times=None),
        Fault(status=200, operation="list", body="given", content=listed, times=None),
    )
    assert program("label", "job-17", "mine").code == 2
    assert "Not found" in program("show", "job-17").err
    program("list")
    assert program("label", "job-17", "mine").records == [{"id": "job-17", "label": "mine"}]
    assert batch.id not in listed


def _page(*batches: str) -> str:
    return f'{{"data":[{",".join(batches)}],"has_more":false,"first_id":null,"last_id":null}}'


def test_a_batch_that_answers_with_another_id_is_watched_to_its_end(
    service: Service, program: Program
) -> None:
    batch = service.add()
    shown = program("show", batch.id).out
    service.world.faults.add(
        Fault(status=200, operation="retrieve", body="given", content=_raw(batch.id), times=None)
    )
    assert shown
    before = len(service.paths())
    outcome = program("watch", "an-alias")
    assert outcome.code == 0
    assert [one["id"] for one in outcome.records] == ["an-alias"]
    assert len(service.paths()) - before <= 3


def test_the_demo_knows_its_batches_by_label_and_by_beginning(program: Program) -> None:
    listed = program("list", "--demo", "--json", "--limit", "100").records
    label, batch_id = next((one["label"], one["id"]) for one in listed if one["label"])
    assert program("show", "--demo", label).records[0]["id"] == batch_id
    unlabeled = next(str(one["id"]) for one in listed if not one["label"])
    assert program("show", "--demo", unlabeled[:-1]).records[0]["id"] == unlabeled
    assert program("results", "extract-leads-77", "--demo").code == 0
    diff = program("diff", "--demo", "classify-tickets-v1", "classify-tickets-v2")
    assert (diff.code, diff.err) == (1, "")


def test_a_label_given_in_the_demo_is_not_taken_back(program: Program) -> None:
    outcome = program("label", "--demo", "extract-leads-77", "mine")
    assert outcome.records[0]["label"] == "mine"


def _raw(batch_id: str) -> str:
    counts = '{"processing":0,"succeeded":3,"errored":0,"canceled":0,"expired":0}'
    return (
        f'{{"id":"{batch_id}","type":"message_batch","processing_status":"ended",'
        f'"request_counts":{counts},"created_at":"2026-01-02T03:04:05Z",'
        '"ended_at":"2026-01-02T03:04:06Z"}'
    )


def test_last_is_the_batch_just_made_for_verbs_that_ask_no_server(
    service: Service, program: Program, tmp_path: Path
) -> None:
    service.add(age=HOUR)
    program("list")
    requests = tmp_path / "requests.jsonl"
    requests.write_bytes(request_lines(["a"]))
    made = program("create", requests).records[0]["id"]
    assert program("label", "last", "mine").records[0]["id"] == made
    assert program("attach", "last", requests).records[0]["id"] == made
