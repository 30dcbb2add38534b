"""What the cluster records, and what it reads from the machine."""

from pathlib import Path

import pytest

from cluster import cgroups, kernel, probes, record
from cluster.errors import ClusterError
from cluster.network import Network, Ports
from cluster.processes import Identity
from cluster.shell import run

MOUNTINFO = """\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
39 31 0:36 / /sys/fs/cgroup/pids rw shared:9 - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
"""


def a_record() -> record.Record:
    return record.Record(
        boot="boot",
        network=Network(bridge="10.244.0.0/22", services="10.96.0.0/20"),
        ports=Ports(**dict.fromkeys(Ports.__dataclass_fields__, 1)),
        sysctls={"net/ipv4/ip_forward": "0"},
        tables={"ip": ["nat"], "ip6": []},
        folders=["/var/lib/cni"],
        processes={"etcd": Identity(pid=1, started=2, boot="boot")},
    )


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    assert record.read(file) is None
    a_record().write(file)
    assert record.read(file) == a_record()
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_interrupted_write_leaves_the_old_record_and_does_not_block_the_next(
    tmp_path: Path,
) -> None:
    file = tmp_path / "record.json"
    a_record().write(file)
    (tmp_path / "record.json.new").write_text('{"boot": "cut sh')
    assert record.read(file) == a_record()
    a_record().write(file)
    assert [f.name for f in tmp_path.iterdir()] == ["record.json"]


def test_control_group_hierarchies_are_told_apart() -> None:
    assert cgroups.parse_hierarchies(MOUNTINFO) == [
        (Path("/sys/fs/cgroup/cpu,cpuacct"), "rw,cpu,cpuacct"),
        (Path("/sys/fs/cgroup/pids"), "rw,pids"),
        (Path("/sys/fs/cgroup/unified"), "cgroup2"),
    ]


def test_only_a_setting_that_changed_is_written_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "SYS", tmp_path)
    (tmp_path / "changed").write_text("1\n")
    (tmp_path / "kept").write_text("0\n")
    kernel.restore({"changed": "0", "kept": "0", "gone": "5"})
    texts = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert texts == {"changed": "0", "kept": "0\n"}, "an unchanged one is not touched"


def test_a_failing_program_is_quoted_and_a_slow_one_is_ended() -> None:
    with pytest.raises(ClusterError, match=r"exit code 3(?s:.)*reason 42"):
        run(["sh", "-c", "echo reason $((6 * 7)) >&2; exit 3"], timeout=5)
    with pytest.raises(ClusterError, match=r"no answer within 0\.1 s"):
        run(["sleep", "5"], timeout=0.1)
    with pytest.raises(ClusterError, match="is not on this machine"):
        run(["no-such-program-anywhere"], timeout=5)


def test_a_dns_answer_counts_only_with_a_record_and_for_our_query() -> None:
    question = probes.dns_question("a.example", 7)
    assert question[12:] == b"\x01a\x07example\x00\x00\x01\x00\x01"
    found = b"\x00\x07\x81\x80\x00\x01\x00\x01" + question[8:]
    assert probes.judge_dns(question, found) is None
    assert probes.judge_dns(question, b"\x00\x08" + found[2:]) == "an answer to another question"
    refused = found[:3] + b"\x05\x00\x01\x00\x00" + question[8:]
    assert probes.judge_dns(question, refused) == "response code 5, 0 records"


def test_waiting_ends_with_the_last_reason_or_when_it_is_pointless() -> None:
    with pytest.raises(ClusterError, match=r"it is not well after 0 s: cold"):
        probes.wait("it", lambda: "cold", timeout=0, guard=lambda: None)

    def dead() -> None:
        raise ClusterError("it has ended")

    with pytest.raises(ClusterError, match="it has ended"):
        probes.wait("it", lambda: "cold", timeout=60, guard=dead)
