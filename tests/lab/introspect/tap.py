# SPDX-License-Identifier: MIT
"""TAP lines, and the program under test."""

import json
import subprocess
import sys

tests = 0
failed = 0


def check(ok, text, detail=""):
    global tests, failed
    tests += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {tests} - {text}{' # ' + str(detail) if detail else ''}",
          flush=True)


def finish():
    print(f"1..{tests}")
    return 1 if failed else 0


class Tool:
    def __init__(self, path, pid):
        self.process = subprocess.Popen([path, "--step", "--json", str(pid)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)

    def read(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        return self.process.stderr.read()
