"""Runs the Python blocks of pages, each page in a folder of its own and in a fork of one process with TensorFlow.

python -m helpers.page_code FOLDER

Reads {page: [code, …]} as JSON from standard input, and writes {page: traceback} of the pages that failed.
"""

import contextlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path

EPOCHS, MIN_STEPS = 1, 5  # of the classifiers of scores
MOST_SECONDS = 200  # of a page, on a busy machine


def run(folder, page, blocks):
    """The traceback of a page's blocks, run one after another as one program; empty if they work."""
    reader, writer = os.pipe()
    if not (pid := os.fork()):
        signal.alarm(MOST_SECONDS)
        os.chdir(folder)
        text = ""
        try:
            with (Path(folder) / "output.txt").open("w") as output, contextlib.redirect_stdout(output):
                values = {"__name__": "__main__"}
                for number, block in enumerate(blocks, 1):
                    exec(compile(block, f"{page}, block {number}", "exec"), values)
        except BaseException:
            text = traceback.format_exc()
        os.write(writer, text.encode()[-4000:])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8", errors="replace") as file:
        text = file.read()
    _, status = os.waitpid(pid, 0)
    return text or (f"ended with status {status}" if status else "")


def main():
    from gancli.core import backend
    from gancli.evaluation import classifier_kinds

    pages, found = json.load(sys.stdin), {}
    os.environ["GANCLI_CACHE"] = str(Path(sys.argv[1]) / "cache")  # its classifiers are hardly trained
    classifier_kinds.EPOCHS, classifier_kinds.MIN_STEPS = EPOCHS, MIN_STEPS
    backend.tf.constant  # noqa: B018 (imports it)
    for number, (page, blocks) in enumerate(pages.items()):
        folder = Path(sys.argv[1]) / str(number)
        folder.mkdir()
        if text := run(folder, page, blocks):
            found[page] = text
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
