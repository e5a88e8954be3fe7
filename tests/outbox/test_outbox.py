"""The outbox: what waits is written with the change, or not at all."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from grants.db import db, transaction
from grants.errors import NotFound
from grants.outbox import actions, queries
from grants.outbox.models import Job, JobState, Message

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The jobs that a worker would have been woken for."""
    jobs: list[int] = []
    monkeypatch.setattr(actions, "_wake", [jobs.append])
    return jobs


def recipient() -> actions.Recipient:
    return actions.Recipient(user_id=None, email="ada@example.org", name="Ada")


def test_a_worker_is_woken_once_the_change_has_taken_effect(woken: list[int]) -> None:
    with transaction():
        job_id = actions.enqueue("statement", {"donor": 7})
        assert woken == []
    assert woken == [job_id]
    assert queries.job(job_id).state == JobState.WAITING


def test_what_is_rolled_back_is_neither_sent_nor_done(woken: list[int]) -> None:
    def fail_afterwards() -> None:
        with transaction():
            actions.enqueue("statement", {"donor": 7})
            actions.tell(recipient(), template="hello", subject="Hello", body="Ada")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_afterwards()
    assert woken == []
    assert db.session.scalar(select(func.count(Job.id))) == 0
    assert db.session.scalar(select(func.count(Message.id))) == 0


def test_the_same_key_is_the_same_job_until_it_is_over(woken: list[int]) -> None:
    with transaction():
        first = actions.enqueue("statement", {"donor": 7}, unique_key="statement/7")
    with transaction():
        again = actions.enqueue("statement", {"donor": 7}, unique_key="statement/7")
    assert again == first
    with transaction() as session:
        job = session.get_one(Job, first)
        job.state, job.error, job.attempts, job.progress_done = JobState.FAILED, "why", 3, 9
    with transaction():
        assert actions.enqueue("statement", {"donor": 7}, unique_key="statement/7") == first
    found = queries.job_by_key("statement/7")
    assert found is not None
    assert (found.state, found.error, found.progress_done) == (JobState.WAITING, "", 0)


def test_a_message_is_kept_and_its_delivery_waits() -> None:
    with transaction():
        message_id = actions.tell(recipient(), template="hello", subject="Hello", body="Ada")
    assert db.session.get_one(Message, message_id).sent_at is None
    assert queries.job_by_key(f"mail.send/{message_id}") is not None
    assert queries.waiting_jobs() == 1


def test_an_unknown_job_is_not_there() -> None:
    with pytest.raises(NotFound):
        queries.job(999)
    assert queries.job_by_key("none") is None
