# SPDX-License-Identifier: MIT
"""Hosts of an overlay as namespaces (network, processes) with one underlay, real
collectds in them, and guests that migrate. What it starts ends with it."""
import atexit
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
BUILD = os.environ.get("VMRECON_BUILD") or os.path.join(TOP, "build-check")
os.environ["PATH"] += ":/usr/local/sbin:/usr/sbin:/sbin"

count = failed = 0


def check(what, passed, said=""):
    """One case of TAP; PASSED may be a function, which says why when it prints."""
    global count, failed
    count += 1
    if callable(passed):
        try:
            passed = passed()
        except Exception as e:  # a case that cannot be looked at has failed
            passed, said = False, "%s: %s" % (type(e).__name__, e)
    if not passed:
        failed += 1
    print("%sok %d - %s" % ("" if passed else "not ", count, what), flush=True)
    if said and not passed:
        for line in str(said).split("\n"):
            print("# " + line, flush=True)
    return passed


def measured(what, value, close, far):
    """A time that a machine which is shared makes longer: as measured_if of tests/lab/lib/tap.sh."""
    global count
    if value <= close or value > far or os.environ.get("VMRECON_EXACT") == "1":
        return check(what, value <= close, value)
    count += 1
    print("ok %d - %s # SKIP measured, and not so close: %s" % (count, what, value), flush=True)
    return True


def say(*words):
    print("#", *words, flush=True)


def done():
    print("1..%d" % count, flush=True)
    sys.exit(1 if failed else 0)


def skip_all(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def wait_for(seconds, fn, step=0.05):
    """What FN returns, as soon as it is true. It counts how often it has asked: a
    busy machine takes longer, for asking as well."""
    for _ in range(int(seconds / step)):
        found = fn()
        if found:
            return found
        time.sleep(step)
    return fn()


def run(*command, check=True, **more):
    r = subprocess.run(command, capture_output=True, text=True, **more)
    if check and r.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(command), r.stderr.strip()))
    return r.stdout


class Lab:
    def __init__(self):
        if os.geteuid() != 0:
            skip_all("needs root: it makes network namespaces")
        for need in ("collectd", "nsenter", "unshare", "ip", "bridge"):
            if not shutil.which(need):
                skip_all("%s is not installed" % need)
        if not os.path.exists("/dev/net/tun"):
            skip_all("needs /dev/net/tun")
        self.guest_program = os.path.join(BUILD, "tests/tools/relay-guest")
        if not os.path.exists(self.guest_program):
            sys.exit("no build in " + BUILD)
        self.dir = tempfile.mkdtemp(prefix="vmrecon-test.")
        os.chmod(self.dir, 0o755)
        self.processes = []
        atexit.register(self.clean)
        for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(s, lambda *_: sys.exit(1))
        self.plugins()
        os.makedirs(self.dir + "/bin")
        self.qemu = self.dir + "/bin/qemu-system-x86_64"
        shutil.copy(self.guest_program, self.qemu)
        self.under = Node(self, "under")
        self.under.ip("link add br0 type bridge")
        self.under.ip("link set br0 up")

    def plugins(self):
        theirs = [l.split()[-1] for l in run("collectd", "-h").split("\n") if "Plugin directory" in l][0]
        os.makedirs(self.dir + "/plugins")
        for name in ("network", "logfile", "csv", "unixsock", "ping"):
            shutil.copy("%s/%s.so" % (theirs, name), self.dir + "/plugins/")
        ours = BUILD + "/root/lib/collectd"
        for name in os.listdir(ours):
            if name.endswith(".so"):
                shutil.copy(ours + "/" + name, self.dir + "/plugins/")

    def spawn(self, log, *command, **more):
        out = open(log, "a")
        p = subprocess.Popen(("setpriv", "--pdeathsig", "KILL") + command, stderr=out,
                             **{"stdin": subprocess.DEVNULL, "stdout": out, **more})
        self.processes.append(p)
        return p

    def clean(self):
        for p in reversed(self.processes):
            if p.poll() is None:
                p.kill()
        for p in self.processes:
            p.wait()
        if not os.environ.get("VMRECON_KEEP"):
            shutil.rmtree(self.dir, ignore_errors=True)


def children(pid):
    try:
        return [int(n) for n in open("/proc/%d/task/%d/children" % (pid, pid)).read().split()]
    except OSError:
        return []


class Node:
    """A machine: a network namespace and one of processes."""

    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        holder = lab.spawn(lab.dir + "/holders.log", "unshare", "--net", "--pid", "--fork", "--kill-child=KILL",
                           "--mount-proc", "sleep", "infinity")
        self.pid = wait_for(10, lambda: (children(holder.pid) or [None])[0])
        self.net = "/proc/%d/ns/net" % self.pid
        wait_for(10, lambda: os.readlink(self.net) != os.readlink("/proc/self/ns/net") and
                 open("/proc/%d/comm" % self.pid).read() == "sleep\n")
        self.enter = ("nsenter", "-t", str(self.pid), "--net", "--pid", "--mount")
        self.ip("link set lo up")
        self.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", check=False)

    def run(self, *command, **more):
        return run(*self.enter, *command, **more)

    def ip(self, text):
        return self.run("ip", *text.split())

    def spawn(self, log, *command, **more):
        return self.lab.spawn(log, *self.enter, *command, **more)

    def links(self):
        return {l["ifname"]: l for l in json.loads(self.run("ip", "-j", "-d", "link", "show"))}

    def fdb(self):
        return json.loads(self.run("bridge", "-j", "fdb", "show") or "[]")


def kill_inside(p, sig):
    """Signals what nsenter has started."""
    for pid in children(p.pid) or [p.pid]:
        try:
            os.kill(pid, sig)
        except ProcessLookupError:
            pass


# For a collectd that does nothing but the overlay, as contrib/collectd/overlay-central.conf.
STOP = """<Chain "PreCache">
  Target "stop"
</Chain>
"""
CSV = """LoadPlugin csv
<Plugin csv>
  DataDir "%s/csv"
</Plugin>
"""


class Host(Node):
    """A hypervisor host, or a central, at the underlay. Users are called as hosts."""

    def __init__(self, lab, name, number, mtu=1500):
        super().__init__(lab, name)
        self.address, self.number, self.daemon, self.before = "192.168.50.%d" % number, number, None, ()
        self.dir = lab.dir + "/" + name
        os.makedirs(self.dir)
        # Not in its namespace of processes, where the other one's number is not known.
        run("nsenter", "--net=" + self.net, "ip", "link", "add", "u0", "mtu", str(mtu), "type", "veth", "peer", "name",
            "p%d" % number, "mtu", str(mtu), "netns", str(lab.under.pid))
        lab.under.ip("link set p%d master br0 up" % number)
        self.ip("addr add %s/24 dev u0" % self.address)
        self.ip("link set u0 up")

    @property
    def log(self):
        return self.dir + "/collectd.log"

    def configure(self, servers, overlay, users, interval=1, more="", level="Sign", csv=True):
        """SERVERS: ADDRESS or ADDRESS:PORT, to which it sends, signed by its own name."""
        with open(self.dir + "/auth", "w") as f:
            f.write("".join("%s: secret-%s\n" % (u, u) for u in users))
        with open(self.dir + "/collectd.conf", "w") as f:
            f.write("""Hostname "%(name)s"
FQDNLookup false
Interval %(interval)s
BaseDir "%(dir)s"
PIDFile "%(dir)s/pid"
PluginDir "%(plugins)s"
LoadPlugin logfile
<Plugin logfile>
  LogLevel info
  File stdout
  Timestamp true
  PrintSeverity true
</Plugin>
LoadPlugin network
<Plugin network>
  <Listen "%(address)s" "25826">
    SecurityLevel %(level)s
    AuthFile "%(dir)s/auth"
  </Listen>
""" % dict(name=self.name, dir=self.dir, interval=interval, plugins=self.lab.dir + "/plugins", address=self.address,
                level=level))
            for s in servers:
                address, _, port = s.partition(":")
                f.write("""  <Server "%s" "%s">
    SecurityLevel Sign
    Username "%s"
    Password "secret-%s"
  </Server>
""" % (address, port or "25826", self.name, self.name))
            f.write("""</Plugin>
%s
%s
LoadPlugin vmrecon_overlay
<Plugin vmrecon_overlay>
  StateFile "%s/overlay.json"
%s</Plugin>
""" % (CSV % self.dir if csv else "", more, self.dir, overlay))

    def start(self):
        before = self.said("Initialization complete")
        self.daemon = self.spawn(self.log, *self.before, "collectd", "-f", "-C", self.dir + "/collectd.conf")
        if not wait_for(30, lambda: self.daemon.poll() is not None or self.said("Initialization complete") > before) \
                or self.daemon.poll() is not None:
            sys.exit("collectd of %s did not start: %s" % (self.name, open(self.log).read()[-2000:]))

    def stop(self, sig=signal.SIGTERM):
        kill_inside(self.daemon, sig)
        self.daemon.wait(30)

    def said(self, words):
        try:
            return open(self.log).read().count(words)
        except OSError:
            return 0

    def state(self):
        try:
            return json.load(open(self.dir + "/overlay.json"))
        except (OSError, ValueError):
            return {}

    def refused(self, why):
        return self.state().get("refused", {}).get(why, 0)

    def location(self, mac, vni=10):
        for l in self.state().get("locations", []):
            if l["mac"] == mac.replace(":", "") and l["vni"] == vni:
                return l
        return {}

    def vtep_of(self, mac, device="vrx10"):
        """Where the VXLAN sends frames for MAC."""
        return [e["dst"] for e in self.fdb() if e["mac"] == mac and e["ifname"] == device and "dst" in e]

    def port_of(self, mac):
        """The port of a bridge at which MAC is fast."""
        return [e["ifname"] for e in self.fdb()
                if e["mac"] == mac and "dst" not in e and e.get("state") == "static"]


def lan_config(hosts, name="blue", vni=10, more=""):
    return "".join('  <Host "%s">\n    Vtep "%s"\n  </Host>\n' % (h.name, h.address) for h in hosts) + \
        '  Central "central"\n  <Lan "%s">\n    Vni %d\n%s  </Lan>\n' % (name, vni, more)


class Guest:
    """A guest: a network namespace with the interface e0. It runs where one of its
    processes passes frames."""

    def __init__(self, lab, name, number, mtu=1450, lan="vrb10", ipv6=False, net="10.9.0"):
        self.lab, self.name, self.number, self.mtu, self.bridge = lab, name, number, mtu, lan
        self.mac = "52:54:00:76:00:%02x" % number
        self.address = "%s.%d" % (net, number)
        self.node = Node(lab, name)
        if not ipv6:
            self.node.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        self.node.ip("tuntap add dev e0 mode tap")
        self.node.ip("link set e0 address %s mtu %d up" % (self.mac, mtu))
        self.node.ip("addr add %s/24 dev e0" % self.address)
        echo = self.node.spawn(lab.dir + "/echo.log", sys.executable, "-c", ECHO, stdout=subprocess.PIPE, text=True)
        echo.stdout.readline()

    def start(self, host, incoming=False, command="run"):
        """A VMM for it on HOST; one with INCOMING waits for run()."""
        tap = "tap%d" % self.number
        more = ("-incoming", "tcp:0:4444") if incoming else ()
        p = self.spawn_vmm(host, tap, more)
        vmm = Vmm(p, host, tap)
        host.ip("link set %s mtu %d master %s up" % (tap, self.mtu, self.bridge))
        if not incoming:
            vmm.tell(command)
        return vmm

    def spawn_vmm(self, host, tap, more):
        fd = os.open(self.node.net, os.O_RDONLY)
        os.set_inheritable(fd, True)
        p = host.spawn(self.lab.dir + "/guests.log", "env", "RELAY_NET=/proc/self/fd/%d" % fd, "RELAY_TAP=e0",
                       self.lab.qemu, "-name", "guest=" + self.name, "-accel", "tcg", "-netdev",
                       "tap,id=n0,ifname=%s,script=no" % tap, "-device",
                       "virtio-net-pci,netdev=n0,mac=" + self.mac, *more,
                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=(fd,))
        os.close(fd)
        if p.stdout.readline() != "ready\n":
            sys.exit("%s does not start on %s" % (self.name, host.name))
        return p

    def migrate(self, vmm, host, ready=1.5):
        """As QEMU does it: the new VMM waits, then the old one stops and the new one
        goes on. Returns the new one."""
        new = self.start(host, incoming=True)
        time.sleep(ready)
        vmm.tell("stop")
        new.tell("run")
        vmm.end()
        return new

    def reaches(self, address, size=56, times=3):
        """Whether all of TIMES datagrams that must not be cut, of SIZE bytes of
        data, come back from ADDRESS."""
        r = subprocess.run(self.node.enter + (sys.executable, "-c", ASK, address, str(size), str(times)),
                           capture_output=True, text=True)
        return r.returncode == 0


ASK = """
import socket, sys
address, size, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
if s.family == socket.AF_INET:
    s.setsockopt(socket.IPPROTO_IP, 10, 2)  # IP_MTU_DISCOVER: do not fragment
s.settimeout(3)
s.connect((address, 7))
for i in range(times):
    s.send(bytes([i]) * size)
    assert s.recv(65536) == bytes([i]) * size
"""


class Vmm:
    def __init__(self, process, host, tap):
        self.process, self.host, self.tap = process, host, tap

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer in ("", "failed", "not understood"):
            raise RuntimeError("%s on %s: %s" % (line, self.host.name, answer))

    def end(self):
        self.process.stdin.close()
        self.process.wait(10)


ECHO = """
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("::", 7))
print("ready", flush=True)
while True:
    data, sender = s.recvfrom(65536)
    s.sendto(data, sender)
"""


class Prober:
    """Asks an echo every MS milliseconds, so that a gap is seen to about MS."""

    def __init__(self, guest, address, ms=1):
        self.ms = ms
        self.p = guest.node.spawn(guest.lab.dir + "/prober.log", sys.executable, HERE + "/echo", address, str(ms),
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.p.stdout.readline()

    def end(self):
        """How many were asked, how many lost, and the longest run of lost ones in ms."""
        self.p.stdin.close()
        said = json.loads(self.p.stdout.readline())
        self.p.wait()
        return said


# --- packets of collectd's network plugin, made by hand ---

def part(kind, data):
    return struct.pack(">HH", kind, 4 + len(data)) + data


def packet(host, guest, instance, value, when, plugin="vmrecon_overlay", kind="gauge"):
    def text(kind, t):
        return part(kind, t.encode() + b"\0")
    return (text(0, host) + part(8, struct.pack(">Q", int(when * 2**30))) + part(9, struct.pack(">Q", 10 << 30)) +
            text(2, plugin) + text(3, guest) + text(4, kind) + text(5, instance) +
            part(6, struct.pack(">HB", 1, 1) + struct.pack("<d", value)))


def signed(user, password, payload):
    mac = hmac.new(password.encode(), user.encode() + payload, hashlib.sha256).digest()
    return struct.pack(">HH", 0x0200, 36 + len(user)) + mac + user.encode() + payload


def send_from(node, address, data):
    node.run(sys.executable, "-c", "import socket,sys; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto("
             "bytes.fromhex(sys.argv[1]), (sys.argv[2], 25826))", data.hex(), address)


GATE = r"""
import select, socket, struct, sys
address, routes = sys.argv[1], [r.split(":") for r in sys.argv[2:]]
sockets = {}
for port, to in routes:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, int(port)))
    sockets[s] = (int(port), to)
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one_in, n, lost, news = 0, 0, 0, None
known = {port: 0 for port, _ in sockets.values()}
print("ready", flush=True)


def newest(data):
    # The greatest generation in the packet: parts of type 6 hold one double.
    at, found = 0, 0
    while at + 4 <= len(data):
        kind, length = struct.unpack_from(">HH", data, at)
        if length < 4:
            break
        if kind == 6 and length == 15:
            found = max(found, struct.unpack_from("<d", data, at + 7)[0])
        at += length
    return found


while True:
    for s in select.select(list(sockets) + [sys.stdin], [], [])[0]:
        if s is sys.stdin:
            words = sys.stdin.readline().split()
            if not words:
                sys.exit()
            if words[0] == "news":
                news = int(words[1])
            elif words[0] == "one_in":
                one_in = int(words[1])
            print(lost, flush=True)
            continue
        data = s.recv(65536)
        port, to = sockets[s]
        g = newest(data)
        is_news, n = g > known[port], n + 1
        known[port] = max(known[port], g)
        if is_news and news == port:
            news, lost = None, lost + 1
            continue
        if one_in and n % one_in == 0:
            lost += 1
            continue
        out.sendto(data, (to, 25826))
"""


class Gate:
    """Passes control datagrams on, or loses some. ROUTES: {its port: address}."""

    def __init__(self, lab, node, address, routes):
        self.p = node.spawn(lab.dir + "/gate.log", sys.executable, "-c", GATE, address,
                            *["%d:%s" % r for r in routes.items()], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            text=True)
        self.p.stdout.readline()

    def tell(self, line):
        self.p.stdin.write(line + "\n")
        self.p.stdin.flush()
        return int(self.p.stdout.readline())

    def lose_next_news(self, port):
        """The next datagram to PORT with a generation that was not there before."""
        self.tell("news %d" % port)

    def lose_one_in(self, n):
        self.tell("one_in %d" % n)

    def lost(self):
        return self.tell("lost")
