"""Jobs take effect once: after a refusal, a mistake, or a worker that died in the middle."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from grants.db import db, transaction
from grants.errors import Refused
from grants.jobs import lease as leases
from grants.jobs import runner
from grants.jobs.lease import LEASE, Lease
from grants.jobs.registry import HANDLERS, Effect, Handler, Progress, job
from grants.outbox import actions, queries
from grants.outbox.models import Job, JobState, Message

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def later() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(monkeypatch)


class Work:
    """Jobs of a kind made up for a test, and how often they took effect."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def is_done_by(self, handler: Handler) -> int:
        """Have one job done so; its id."""
        self.monkeypatch.setitem(HANDLERS, "made.up", handler)
        with transaction():
            return actions.enqueue("made.up", {"words": "hello"})

    def effects(self) -> int:
        return db.session.scalar(select(func.count(Message.id))) or 0

    def state(self, job_id: int) -> tuple[str, str]:
        found = queries.job(job_id)
        return found.state, found.error


def write(arguments: dict[str, Any]) -> Effect:
    def effect() -> None:
        db.session.add(
            Message(
                to_address="", template="", subject=arguments["words"], body="", created_at=START
            )
        )

    return effect


def test_a_job_takes_effect_and_is_done_in_one_transaction(work: Work) -> None:
    job_id = work.is_done_by(lambda arguments, _progress: write(arguments))
    assert runner.run_waiting() == 1
    assert work.state(job_id) == (JobState.DONE, "")
    assert work.effects() == 1
    assert not runner.run_job(job_id)
    assert work.effects() == 1


def test_a_refusal_ends_the_job_with_its_sentence(work: Work) -> None:
    def refuse(_arguments: dict[str, Any], _progress: Progress) -> Effect | None:
        raise Refused("The period is closed.")

    job_id = work.is_done_by(refuse)
    assert runner.run_waiting() == 1
    assert work.state(job_id) == (JobState.FAILED, "The period is closed.")


def test_an_effect_that_fails_leaves_nothing(work: Work) -> None:
    def half(arguments: dict[str, Any], _progress: Progress) -> Effect:
        def effect() -> None:
            write(arguments)()
            db.session.flush()
            raise Refused("Not after all.")

        return effect

    job_id = work.is_done_by(half)
    runner.run_waiting()
    assert work.state(job_id) == (JobState.FAILED, "Not after all.")
    assert work.effects() == 0


def test_a_mistake_of_ours_is_tried_again_a_little_later_and_then_rests(
    work: Work, later: time_machine.Traveller
) -> None:
    def stumble(_arguments: dict[str, Any], _progress: Progress) -> Effect | None:
        raise KeyError("colour")

    job_id = work.is_done_by(stumble)
    for attempt in range(1, runner.ATTEMPTS_MAX + 1):
        assert runner.waiting_ids() == [job_id]
        runner.run_waiting()
        assert runner.waiting_ids() == []
        is_last = attempt == runner.ATTEMPTS_MAX
        expected = JobState.FAILED if is_last else JobState.WAITING
        assert work.state(job_id) == (expected, "KeyError: 'colour'")
        later.shift(timedelta(seconds=21))
    assert runner.waiting_ids() == []


def test_progress_is_seen_while_the_job_runs(work: Work) -> None:
    seen: list[object] = []

    def count(_arguments: dict[str, Any], progress: Progress) -> Effect | None:
        progress(3, 10)
        found = queries.job(job_id)
        seen.append((found.state, found.progress_done, found.progress_total))
        return None

    job_id = work.is_done_by(count)
    runner.run_waiting()
    assert seen == [(JobState.RUNNING, 3, 10)]


def test_a_job_left_behind_is_done_by_another_and_the_first_comes_too_late(
    work: Work, later: time_machine.Traveller
) -> None:
    """The first worker is taken for dead, is not, and finishes after the second one."""
    finished: list[str] = []

    def slow(arguments: dict[str, Any], _progress: Progress) -> Effect:
        if not finished:
            finished.append("second")
            later.shift(LEASE + timedelta(seconds=1))
            assert runner.run_job(job_id)
        return write(arguments)

    job_id = work.is_done_by(slow)
    assert not runner.run_job(job_id)
    assert work.state(job_id) == (JobState.DONE, "")
    assert work.effects() == 1


def test_a_lease_is_renewed_while_its_worker_lives(
    app: Flask, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    beaten = threading.Event()
    monkeypatch.setattr(leases, "_BEAT_SECONDS", 0.05)
    until: list[datetime | None] = []

    def slow(_arguments: dict[str, Any], _progress: Progress) -> Effect | None:
        until.append(db.session.scalar(select(Job.lease_until).where(Job.id == job_id)))
        db.session.rollback()
        assert beaten.wait(10)
        until.append(db.session.scalar(select(Job.lease_until).where(Job.id == job_id)))
        return None

    renew = Lease._renew

    def note(self: Lease) -> None:
        renew(self)
        beaten.set()

    monkeypatch.setattr(Lease, "_renew", note)
    job_id = work.is_done_by(slow)
    assert runner.run_waiting() == 1
    first, second = until
    assert first is not None
    assert second is not None
    assert first < second
    assert work.state(job_id) == (JobState.DONE, "")


def test_the_collector_rests_during_a_job_and_wakes_afterwards(work: Work) -> None:
    seen: list[object] = []

    def look(_arguments: dict[str, Any], _progress: Progress) -> Effect | None:
        seen.append(gc.isenabled())
        return None

    work.is_done_by(look)
    runner.run_waiting()
    assert seen == [False]
    assert gc.isenabled()


def test_a_kind_of_job_is_done_by_one_handler_only(app: Flask) -> None:
    with pytest.raises(AssertionError, match="done twice"):
        job("mail.send")(lambda _arguments, _progress: None)
