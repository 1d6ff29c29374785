"""What students and instructors are told, as plain JSON types."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from omemsim.classroom.qr import picture_of
from omemsim.classroom.questions import mix_of
from omemsim.classroom.rooms import Group
from omemsim.classroom.serving import LOOPBACK

__all__ = ["lobby_address", "told_to_students", "wall_of"]


def lobby_address(address: str, group: Group) -> str:
    """Return where students of a group enter, the code already filled in."""
    return f"{address}/#{group.code}"


def is_local(address: str) -> bool:
    """Return whether nobody but this machine reaches an address: a QR code of it is of no use."""
    return urlsplit(address).hostname in LOOPBACK


def told_to_students(group: Group, version: int, *, is_over: bool) -> dict[str, Any]:
    """Return what the instructor says to all.

    Parameters
    ----------
    group : of the student.
    version : of what is told.
    is_over : whether the server stops.
    """
    state = group.state
    return {
        "version": version,
        "paused": state.is_paused,
        "step": state.step,
        "lesson": state.lesson,
        "round": state.round,
        "over": is_over,
    }


def wall_of(group: Group, after: int, address: str, *, is_over: bool) -> dict[str, Any]:
    """Return how many are where, and the answers to each question that has new ones.

    Parameters
    ----------
    group : of the instructor.
    after : the version that is known; 0 asks for everything.
    address : of the server as students reach it.
    is_over : whether the server stops.
    """
    version = group.wall.version
    changed = [key for key, at in group.changed.items() if at > after]
    return {
        **told_to_students(group, version, is_over=is_over),
        "group": group.number,
        "code": group.code,
        "address": address,
        "qr": "" if is_local(address) else picture_of(lobby_address(address, group)),
        "joined": group.joined(),
        "here": len(group.here()),
        "places": [{**one._asdict(), "students": many} for one, many in group.places().items()],
        "answers": {key: _gathered(group, key) for key in changed},
    }


def _mixes(group: Group, key: str) -> list[dict[str, Any]]:
    """Return the mixes of one part of a step; a mix has the same number in all its parts."""
    parts = group.parts(key)
    whole = Counter(
        tuple(str(one.answers[part].value) if part in one.answers else "" for part in parts)
        for one in group.students.values()
    )
    ordered = sorted(filter(any, whole), key=lambda one: (-whole[one], one))
    at = parts.index(key)
    return [
        {"mix": number, "shares": mix_of(one[at]), "number": whole[one]}
        for number, one in enumerate(ordered, 1)
        if one[at]
    ]


def _gathered(group: Group, key: str) -> dict[str, Any]:
    """Return the answers to a question: counts of choices and mixes, else values in their order."""
    question, values = group.questions[key], group.values(key)
    counts = Counter(values)
    told: dict[str, Any] = {"number": len(values)}
    if question.kind == "choice":
        return {**told, "counts": {name: counts[name] for name in question.choices}}
    if question.kind == "mix":
        return {**told, "mixes": _mixes(group, key)}
    return {**told, "values": values}
