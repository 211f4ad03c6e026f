"""Run one command inside a private single-node SLURM cluster (root, Linux).

    python tests/slurm/cluster.py --logs FOLDER -- COMMAND [ARGUMENT ...]

The cluster lives in mount, network, UTS, IPC and PID namespaces of its own: its configuration and
state are on a tmpfs that only it sees over ``/etc/slurm``, its only network is its own loopback,
and when the command ends, or anything here is killed, the kernel kills every daemon and job with
the PID namespace. It has one node with two GPUs that are really ``/dev/null`` and ``/dev/zero``.
The daemons' logs go to ``--logs``. Exits with the command's status; 2: the cluster cannot run here;
3: it did not start; 124: the time limit was reached.

The settings are those a machine without systemd, munge and cgroups needs. ``slurm.conf`` has to lie
in ``/etc/slurm``: the executor plugin removes ``SLURM_CONF`` from the environment of its job steps.
"""

import argparse
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

CONFIGURATION = Path("/etc/slurm")
HOST = "polystilts-node"
PROGRAMS = ("slurmctld", "slurmd", "sbatch", "srun", "squeue", "sinfo", "scontrol")
NAMESPACES = ("unshare", "--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child")
START_SECONDS = 30.0

SLURM_CONF = f"""\
ClusterName=polystilts
SlurmctldHost=localhost
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
# Finished jobs stay visible, for the executor's status queries and for whoever checks the run.
DefMemPerCPU=100
MinJobAge=3600
# The node offers more than the machine has, so that a profile for real nodes fits on it.
SlurmdParameters=config_overrides
StateSaveLocation={CONFIGURATION}/state
SlurmdSpoolDir={CONFIGURATION}/spool
SlurmctldPidFile={CONFIGURATION}/slurmctld.pid
SlurmdPidFile={CONFIGURATION}/slurmd.pid
SlurmctldLogFile={{logs}}/slurmctld.log
SlurmdLogFile={{logs}}/slurmd.log
NodeName=node0 NodeHostname={HOST} NodeAddr=127.0.0.1 CPUs=4 RealMemory=1000000 Gres=gpu:2
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
# Two different character devices: with plain files or a bare count the node is refused or jobs get
# no CUDA_VISIBLE_DEVICES.
GRES_CONF = "Name=gpu File=/dev/null,/dev/zero\n"


def obstacle() -> str | None:
    """Why the cluster cannot run on this machine, or None."""
    if sys.platform != "linux":
        return "it needs Linux namespaces"
    if os.geteuid() != 0:
        return "it needs root (for its namespaces)"
    configured = os.environ.get("SLURM_CONF")
    if configured:
        return f"this machine already uses SLURM: SLURM_CONF={configured}"
    if (CONFIGURATION / "slurm.conf").exists():
        return f"this machine already uses SLURM: {CONFIGURATION / 'slurm.conf'} exists"
    missing = [
        name for name in (*PROGRAMS, "unshare", "setpriv", "mount") if not shutil.which(name)
    ]
    if missing:
        return (
            f"programs are missing: {', '.join(missing)}; on Debian or Ubuntu: apt-get install "
            "--no-install-recommends slurmctld slurmd slurm-client util-linux mount"
        )
    if not CONFIGURATION.is_dir():
        return f"there is no folder {CONFIGURATION}, where the installed SLURM should look"
    probe = subprocess.run(
        [*NAMESPACES, "--mount-proc", "mount", "-t", "tmpfs", "tmpfs", str(CONFIGURATION)],
        capture_output=True,
        text=True,
    )
    if probe.returncode != 0:
        return f"namespaces are not allowed here: {probe.stderr.strip()}"
    return None


def run_isolated(command: list[str], logs: Path, time_limit: float) -> int:
    """Re-run this file inside new namespaces and wait for it; returns its exit status."""
    inside = [sys.executable, str(Path(__file__).resolve()), "--inside", "--logs", str(logs), "--"]
    # pdeathsig: if this process dies in any way, so does unshare, and with it the PID namespace.
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *NAMESPACES, "--mount-proc", *inside, *command]
    )
    try:
        return process.wait(timeout=time_limit)
    except subprocess.TimeoutExpired:
        print(f"cluster: the command ran longer than {time_limit:.0f} s", file=sys.stderr)
        return 124
    finally:
        process.kill()
        process.wait()


def open_loopback() -> None:
    """Set the loopback interface up and give it a second address (`ip` may not be installed).

    SLURM resolves names with AI_ADDRCONFIG, for which the C library ignores 127.0.0.1: with that
    address alone even "localhost" cannot be resolved.
    """
    get_flags, set_flags, set_address, interface_up = 0x8913, 0x8914, 0x8916, 0x1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        answer = fcntl.ioctl(control, get_flags, struct.pack("16sH14x", b"lo", 0))
        flags = struct.unpack("16sH14x", answer)[1] | interface_up
        fcntl.ioctl(control, set_flags, struct.pack("16sH14x", b"lo", flags))
        address = struct.pack(
            "16sHH4s8x", b"lo:0", socket.AF_INET, 0, socket.inet_aton("127.0.0.2")
        )
        fcntl.ioctl(control, set_address, address)


def start_daemons(logs: Path) -> None:
    """Start controller and node daemon; both go to the background by themselves.

    Raises:
        RuntimeError: a daemon failed, or the node was not idle in time.
    """
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(CONFIGURATION)], check=True)
    for folder in ("state", "spool"):
        (CONFIGURATION / folder).mkdir()
    (CONFIGURATION / "slurm.conf").write_text(SLURM_CONF.format(logs=logs), encoding="utf-8")
    (CONFIGURATION / "gres.conf").write_text(GRES_CONF, encoding="utf-8")
    for daemon in (["slurmctld", "-c"], ["slurmd", "-N", "node0"]):
        # Their inherited stdout and stderr would keep a caller's pipe open after the command.
        with (logs / f"{daemon[0]}.out").open("w") as output:
            status = subprocess.run(
                daemon, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            ).returncode
        if status != 0:
            raise RuntimeError(f"{daemon[0]} ended with status {status}; see {logs}")
    deadline = time.monotonic() + START_SECONDS
    state = ""
    while time.monotonic() < deadline:
        answer = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True)
        state = answer.stdout.strip()
        if state == "idle":
            return
        time.sleep(0.2)
    raise RuntimeError(f"the node is {state or 'unknown'!r}, not idle; see {logs}")


def run_inside(command: list[str], logs: Path) -> int:
    """Start the cluster in the namespaces this process is in, then run the command."""
    open_loopback()
    socket.sethostname(HOST)
    try:
        start_daemons(logs)
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        print(f"cluster: it did not start: {error}", file=sys.stderr)
        return 3
    # A batch system's own variables would make the executor believe it runs inside a job.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SLURM_", "SBATCH_", "SRUN_"))
    }
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL).returncode


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="cluster.py", description="Run a command inside a private single-node SLURM cluster."
    )
    parser.add_argument("--logs", type=Path, required=True, help="folder for the daemons' logs")
    parser.add_argument("--time-limit", type=float, default=220.0, help="seconds (default: 220)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    logs = arguments.logs.resolve()
    if arguments.inside:
        return run_inside(arguments.command, logs)
    reason = obstacle()
    if reason is not None:
        print(f"cluster: {reason}", file=sys.stderr)
        return 2
    logs.mkdir(parents=True, exist_ok=True)
    return run_isolated(arguments.command, logs, arguments.time_limit)


if __name__ == "__main__":
    sys.exit(main())
