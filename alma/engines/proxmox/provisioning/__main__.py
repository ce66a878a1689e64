"""The child: reads a job, provisions, and says what it does. Ends with 0 after `done` and with 1 after `failure`.

Standard input stays open while the engine lives; when it closes, the child ends too, so that a second attempt never
meets the first one in the same guest.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all(ssl=False)  # ssl may be imported by now, through the packages around this one

import os
import sys

import gevent
from gevent.os import tp_read

from alma.engines.proxmox.provisioning.job import Job
from alma.engines.proxmox.provisioning.messages import Done, Message, Progress, masked
from alma.engines.proxmox.provisioning.session import Failed
from alma.engines.proxmox.provisioning.stages import provision


def main() -> int:
    """Runs one job."""
    job = Job.model_validate_json(sys.stdin.readline())
    gevent.spawn(_end_with_the_engine, sys.stdin.fileno())
    # Nothing that a library prints may come between the messages.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(message: Message) -> None:
        out.write(message.model_dump_json() + "\n")
        out.flush()

    def hide(text: str) -> str:
        return masked(text, job.secrets)

    try:
        result = provision(job, say=lambda text: tell(Progress(text=hide(text))))
    except Failed as error:
        shown = {"message": hide(error.failure.message), "hint": hide(error.failure.hint)}
        tell(error.failure.model_copy(update=shown))
        return 1
    hidden = {
        "changed": tuple(map(hide, result.changed)),
        "warnings": tuple(map(hide, result.warnings)),
    }
    tell(Done(result=result.model_copy(update=hidden)))
    return 0


def _end_with_the_engine(stdin: int) -> None:
    while tp_read(stdin, 1024):
        pass
    os._exit(3)


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # not waiting for the thread that reads standard input
