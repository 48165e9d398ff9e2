"""Which receivers are served now, and why the others are not."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from assets.erase.tombstones import read_tombstones
from expectations.feeds import load_companies
from expectations.receivers import Receiver, load_receivers
from resources.keys import KeyProblem, key_fingerprint, receiver_key
from resources.settings import Settings

_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Standing:
    """How a receiver stands: served, or the ``problem`` for which it gets nothing, with what to do.

    ``receiver`` is None for a file that cannot be used. ``key`` is the fingerprint of its pseudonym key.
    """

    name: str
    receiver: Receiver | None
    problem: str | None
    key: str | None = None

    @property
    def served(self) -> bool:
        """Whether the next release makes a database for it."""
        return self.problem is None


def today() -> date:
    """The day by which expiry is judged, in Asia/Shanghai."""
    return datetime.now(UTC).astimezone(_ZONE).date()


def standings(settings: Settings, on: date | None = None) -> list[Standing]:
    """Every receiver of the configuration, by name, on a day (today)."""
    good, bad = load_receivers(settings.receivers)
    companies, _ = load_companies(settings.feeds)
    known = {c.community_id for company in companies.values() for c in company.communities}
    found = [Standing(name, None, str(error)) for name, error in bad.items()]
    keys: dict[str, str] = {}
    problems: dict[str, str] = {}
    for name in good:
        try:
            keys[name] = key_fingerprint(receiver_key(name))
        except KeyProblem as e:
            problems[name] = str(e)
    shared = Counter(keys.values())
    for name, receiver in good.items():
        if name in keys and shared[keys[name]] > 1:
            problems[name] = (
                f"{name}: its key is that of another receiver too, so the two could join their copies; "
                f"give each a key of its own (community-register receivers key {name})"
            )
        problem = _expired(receiver, on or today()) or _strangers(receiver, known) or problems.get(name)
        found.append(Standing(name, receiver, problem, keys.get(name)))
    return sorted(found, key=lambda s: s.name)


def _expired(receiver: Receiver, day: date) -> str | None:
    if day <= receiver.expires_on:
        return None
    return (
        f"{receiver.receiver}: expired on {receiver.expires_on}; nothing is given to it. Check that purpose and legal "
        f"basis still hold, then set a new expires_on in config/receivers/{receiver.receiver}.yaml"
    )


def _strangers(receiver: Receiver, known: Iterable[str]) -> str | None:
    unknown = [] if receiver.communities == "all" else sorted(set(receiver.communities) - set(known))
    if not unknown:
        return None
    return (
        f"{receiver.receiver}.yaml: communities: no feed file declares {', '.join(unknown)}; "
        f"see the table communities for the ids"
    )


def receivers_fingerprint(settings: Settings, found: Iterable[Standing] | None = None) -> str:
    """Equal as long as everybody is served the same as before: a receiver that expired, changed or was added, or a
    person erased since, makes the release stale."""
    content: list[list[object]] = [["erased", len(read_tombstones(settings))]]
    content += [
        [s.name, s.problem, s.key, s.receiver.model_dump(mode="json") if s.receiver else None]
        for s in (standings(settings) if found is None else found)
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
