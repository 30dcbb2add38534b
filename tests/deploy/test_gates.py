"""Which Jobs a deployment waits for before it applies the rest."""

from __future__ import annotations

from slipway.deploy.gates import gates
from slipway.preview.model import Manifest, Registration


def stack(**kinds: str) -> list[Manifest]:
    return [Manifest(urn=urn, body={"kind": kind}) for urn, kind in kinds.items()]


def registered(**dependencies: list[str]) -> list[Registration]:
    return [
        Registration(urn=urn, type="", name=urn, parent="", custom=True, inputs={}, options={"dependencies": after})
        for urn, after in dependencies.items()
    ]


def test_a_job_for_which_something_waits_is_a_gate() -> None:
    objects = stack(migrate="Job", check="Job", web="Deployment", db="StatefulSet")
    made = gates(objects, registered(migrate=[], check=["migrate"], web=["check"], db=[]))
    assert [([job.urn for job in gate.jobs], gate.waiting) for gate in made] == [
        (["migrate"], {"check", "web"}),
        (["check"], {"web"}),
    ]


def test_a_job_for_which_nothing_waits_is_none_as_it_may_need_what_is_behind_one() -> None:
    objects = stack(migrate="Job", smoke="Job", web="Deployment")
    (gate,) = gates(objects, registered(migrate=[], smoke=[], web=["migrate"]))
    assert [job.urn for job in gate.jobs] == ["migrate"]
    assert not gates(objects, registered(migrate=[], smoke=[], web=[]))
