"""Jobs of Procrastinate that failed too often: which there are, and letting them go again."""

from dataclasses import dataclass

import psycopg

from schedules.distributed import GIVEN_UP
from schedules.tables import plain

_PARKED = "FROM procrastinate_jobs WHERE status = 'failed' AND attempts >= %s"


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """A job that is left alone: of which group, empty if it names none; whose name; how often."""

    group: str
    name: str
    tries: int


def parked(url: str) -> list[ParkedJob]:
    """All that are left alone, the oldest first."""
    asked = f"SELECT coalesce(args->>'group', ''), task_name, attempts {_PARKED} ORDER BY id"
    with psycopg.connect(plain(url), autocommit=True) as connection:
        found = connection.execute(asked.encode(), (GIVEN_UP,)).fetchall()
    return [ParkedJob(group, name, attempts // 2 + 1) for group, name, attempts in found]


def let_go(url: str) -> None:
    """Let all of them be tried once more."""
    retry = f"SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) {_PARKED}"
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute(retry.encode(), (GIVEN_UP,))
