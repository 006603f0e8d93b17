"""A terminal for tests and pictures: a program on a pty, what it draws kept by
pyte, and the screen as SVG. A collectd that is fed by PUTVAL beside it."""
import fcntl
import html
import os
import pty
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time

import pyte

# A busy machine: what is waited for comes, but nobody knows when.
PATIENCE = 60


def wait_for(condition, seconds=PATIENCE):
    """Whether CONDITION() came to hold."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


class Terminal:
    """COMMAND on a terminal of its own."""

    def __init__(self, command, columns=80, lines=24, **environment):
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.master, self.slave = pty.openpty()
        self.set_size(columns, lines)
        self.before = termios.tcgetattr(self.slave)
        env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        env.update(TERM="xterm-256color", LC_ALL="C.UTF-8", **environment)
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL"] + command, stdin=self.slave, stdout=self.slave,
            stderr=self.slave, env=env, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def set_size(self, columns, lines):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, columns, lines):
        self.screen.resize(lines, columns)
        self.set_size(columns, lines)  # the kernel sends SIGWINCH

    def read(self):
        while select.select([self.master], [], [], 0.02)[0]:
            data = os.read(self.master, 65536)
            self.written += data
            self.stream.feed(data)

    def text(self):
        self.read()
        return "\n".join(self.screen.display)

    def line(self, number):
        self.read()
        return self.screen.display[number]

    def shows(self, text, seconds=PATIENCE):
        return wait_for(lambda: text in self.text(), seconds)

    def press(self, keys):
        os.write(self.master, keys.encode())

    def end(self, seconds=PATIENCE):
        """Its exit status, once it has ended."""
        def ended():
            self.read()
            return self.process.poll() is not None
        wait_for(ended, seconds)
        return self.process.poll()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


class Collectd:
    """A real daemon with the socket, and no plugin that reads."""

    CONFIGURATION = """
Hostname "h"
FQDNLookup false
Interval 10
BaseDir "{0}"
PIDFile "{0}/pid"
TypesDB "/usr/share/collectd/types.db"
PostCacheChain "Stop"
<Chain "Stop">
  Target "stop"
</Chain>
LoadPlugin unixsock
<Plugin unixsock>
  SocketFile "{0}/socket"
  DeleteSocket true
</Plugin>
"""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="vmrecon-top.")
        self.socket = self.folder + "/socket"
        with open(self.folder + "/collectd.conf", "w") as f:
            f.write(self.CONFIGURATION.format(self.folder))
        self.start()

    def start(self):
        with open(self.folder + "/out", "w") as out:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "collectd", "-f", "-C", self.folder + "/collectd.conf"],
                stdout=out, stderr=out)
        if not wait_for(self.answers):
            raise RuntimeError("collectd did not start: " + open(self.folder + "/out").read())

    def answers(self):
        try:
            return bool(self.ask(["LISTVAL"]))
        except OSError:
            return False

    def ask(self, commands):
        """The answers to all of them, as text."""
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.socket)
            s.sendall(("\n".join(commands) + "\n").encode("utf-8", "surrogateescape"))
            s.shutdown(socket.SHUT_WR)
            parts = []
            while part := s.recv(65536):
                parts.append(part)
        return b"".join(parts).decode("utf-8", "surrogateescape")

    def put(self, name, *values, interval=3600):
        """Now; where values are rates, from ten seconds ago on."""
        now = int(time.time())
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        rates = name.split("/")[2].split("-")[0] in ("disk_octets", "if_octets", "vmpage_faults", "contextswitch")
        line = f'PUTVAL "{quoted}" interval={interval} {now}:{":".join(str(v * 10 if rates else v) for v in values)}'
        if rates:
            # Its write threads overtake each other: the first has to be through.
            self.ask([f'PUTVAL "{quoted}" interval={interval} {now - 10}:{":".join("0" for _ in values)}'])
            wait_for(lambda: not self.ask([f'GETVAL "{quoted}"']).startswith("-1"))
        answer = self.ask([line])
        if not answer.startswith("0 Success"):
            raise RuntimeError(f"{name}: {answer}")

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        if self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)


def guest(daemon, name, load, lower, upper, cpu, steal, wait, faults, read, written, sent, received, vcpus=2,
          state=1, host="h"):
    """All that the target and the read plugin would send of one guest."""
    inferred, read_plugin = f"{host}/virt_inferred-{name}/", f"{host}/vmrecon-{name}/"
    daemon.put(inferred + "load", load, load, load)
    daemon.put(inferred + "load-lower", lower, lower, lower)
    daemon.put(inferred + "load-upper", upper, upper, upper)
    for part, value in (("active", cpu), ("steal", steal), ("wait", wait)):
        daemon.put(inferred + "percent-" + part, value)
    daemon.put(inferred + "vmpage_faults", faults, 0)
    daemon.put(inferred + "disk_octets", read, written)
    daemon.put(inferred + "if_octets", received, sent)
    daemon.put(f"{host}/virt_quality-{name}/gauge-load", 5, interval=3600)
    daemon.put(f"{host}/virt_quality-{name}/gauge-wait", 5, interval=3600)
    daemon.put(read_plugin + "count-vcpus", vcpus)
    daemon.put(read_plugin + "gauge-state", state)


# --- pictures ---

COLOURS = {"default": "#d8dee4", "red": "#ff7b72", "brown": "#e3b341", "yellow": "#e3b341"}
BACKGROUND = "#161b22"
CELL_WIDTH, CELL_HEIGHT = 8.4, 18


def runs(row, columns):
    """(first column, text, look) of neighbours that look the same."""
    found = []
    for x in range(columns):
        cell = row[x]
        look = (cell.fg, cell.bold, cell.reverse, cell.underscore)
        if found and found[-1][2] == look:
            found[-1][1].append(cell.data)
        else:
            found.append((x, [cell.data], look))
    return [(x, "".join(text), look) for x, text, look in found]


def svg(screen):
    """The screen as a picture."""
    width, height = screen.columns * CELL_WIDTH + 16, screen.lines * CELL_HEIGHT + 16
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
             f'height="{height:g}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">',
             f'<rect width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>']
    for y in range(screen.lines):
        for x, text, (colour, bold, reverse, underlined) in runs(screen.buffer[y], screen.columns):
            left, top, wide = 8 + x * CELL_WIDTH, 8 + y * CELL_HEIGHT, len(text) * CELL_WIDTH
            front = COLOURS.get(colour, COLOURS["default"])
            if reverse:
                parts.append(f'<rect x="{left:.1f}" y="{top:g}" width="{wide:.1f}" height="{CELL_HEIGHT}" fill="{front}"/>')
                front = BACKGROUND
            if text.strip():
                weight = ' font-weight="bold"' if bold else ""
                line = ' text-decoration="underline"' if underlined else ""
                parts.append(f'<text x="{left:.1f}" y="{top + 13:g}" fill="{front}"{weight}{line} xml:space="preserve" '
                             f'textLength="{wide:.1f}">{html.escape(text)}</text>')
    return "\n".join(parts + ["</svg>", ""])
