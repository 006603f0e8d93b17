# SPDX-License-Identifier: MIT
"""A small guest of Linux in QEMU, under emulation, that answers at UDP port 7."""
import json
import os
import shutil
import socket
import subprocess
import sys
import time

from lab import TOP, run, wait_for

ECHO = r"""
#include <netinet/in.h>
#include <sys/socket.h>
int main(void) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(7)}, from;
  char data[2048];
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(s, (struct sockaddr *)&a, sizeof a) < 0)
    return 1;
  for (;;) {
    socklen_t n = sizeof from;
    long got = recvfrom(s, data, sizeof data, 0, (struct sockaddr *)&from, &n);
    if (got > 0)
      sendto(s, data, (unsigned long)got, 0, (struct sockaddr *)&from, n);
  }
}
"""

INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
for pass in 1 2 3 4; do for m in /modules/*.ko; do /bin/busybox insmod $m 2>/dev/null; done; done
set -- $(/bin/busybox cat /proc/cmdline)
n=0
for w in "$@"; do case $w in vip=*)
  /bin/busybox ip link set eth$n mtu 1450 up
  /bin/busybox ip addr add ${w#vip=}/24 dev eth$n
  n=$((n + 1)) ;; esac; done
/bin/echo7 &
echo READY
while :; do /bin/busybox sleep 1000; done
"""

MODULES = ("virtio", "virtio_ring", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci", "failover",
           "net_failover", "virtio_net")


def make_image(lab):
    """A directory with vmlinuz and initrd, from the laboratory's image."""
    made = run(TOP + "/tests/lab/image").strip()
    root, image = lab.dir + "/root", lab.dir + "/image"
    for d in (root + "/bin", root + "/modules", root + "/proc", root + "/sys", root + "/dev", image):
        os.makedirs(d)
    with open(lab.dir + "/echo.c", "w") as f:
        f.write(ECHO)
    run("gcc", "-O2", "-static", "-o", root + "/bin/echo7", lab.dir + "/echo.c")
    shutil.copy(shutil.which("busybox"), root + "/bin/busybox")
    with open(root + "/init", "w") as f:
        f.write(INIT)
    os.chmod(root + "/init", 0o755)
    whole = lab.dir + "/whole"
    os.makedirs(whole)
    run("sh", "-c", "zstd -qdc '%s/initrd.zst' | (cd '%s' && cpio -idm --quiet 'lib/modules/*' 'usr/lib/modules/*')" % (
        made, whole))
    for base, _, names in os.walk(whole):
        for n in names:
            if n.endswith(".ko") and n[:-3] in MODULES:
                shutil.copy(os.path.join(base, n), root + "/modules/")
    shutil.rmtree(whole)
    shutil.copy(made + "/vmlinuz", image)
    run("sh", "-c", "cd '%s' && find . -print0 | cpio --null --quiet -o -H newc | gzip -1 >'%s/initrd'" % (root, image))
    return image


class Qmp:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        wait_for(20, lambda: self.try_to(path))
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self("qmp_capabilities")

    def try_to(self, path):
        try:
            self.socket.connect(path)
            return True
        except OSError:
            return False

    def __call__(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "event" not in answer:
                if "error" in answer:
                    raise RuntimeError("%s: %s" % (command, answer["error"]))
                return answer["return"]


class Machine:
    """CARDS: (MAC, address, bridge) of each."""

    def __init__(self, lab, image, name, cards):
        self.lab, self.image, self.name, self.cards = lab, image, name, cards
        self.mac, self.number, self.host = cards[0][0], 0, None
        self.taps = ["t%s%d" % (name, i) for i in range(len(cards))]
        self.process = self.qmp = self.new = None

    def spawn(self, host, *more):
        """A QEMU on HOST with taps on the bridges: (process, QMP)."""
        self.number += 1
        path = "%s/%s.%d" % (self.lab.dir, self.name, self.number)
        cards = []
        for i, (tap, (mac, _, bridge)) in enumerate(zip(self.taps, self.cards)):
            host.run("ip", "tuntap", "add", "dev", tap, "mode", "tap")
            host.run("ip", "link", "set", tap, "mtu", "1450", "master", bridge, "up")
            cards += ["-netdev", "tap,id=n%d,ifname=%s,script=no,downscript=no" % (i, tap), "-device",
                      "virtio-net-pci,netdev=n%d,mac=%s" % (i, mac)]
        p = host.spawn(path + ".log", "qemu-system-x86_64", "-name", "guest=" + self.name, "-accel", "tcg", "-cpu", "max",
                       "-M", "q35", "-m", "96", "-smp", "1", "-display", "none", "-nodefaults", "-no-reboot", "-serial",
                       "file:%s.console" % path, "-kernel", self.image + "/vmlinuz", "-initrd", self.image + "/initrd",
                       "-append", "console=ttyS0 quiet panic=-1 no_timer_check net.ifnames=0 ipv6.disable=1 " +
                       " ".join("vip=" + a for _, a, _ in self.cards), *cards,
                       "-qmp", "unix:%s.qmp,server=on,wait=off" % path, *more)
        return p, Qmp(path + ".qmp")

    def boot(self, host):
        self.process, self.qmp = self.spawn(host)
        self.host = host

    def is_up(self):
        console = "%s/%s.1.console" % (self.lab.dir, self.name)
        return wait_for(120, lambda: os.path.exists(console) and "READY" in open(console, errors="replace").read(), 0.2)

    def prepare(self, host):
        """A QEMU on HOST that waits for the guest."""
        self.stream = "%s/%s.stream%d" % (self.lab.dir, self.name, self.number)
        self.new = self.spawn(host, "-incoming", "unix:" + self.stream) + (host,)
        time.sleep(1.2)

    def status(self):
        return self.qmp("query-migrate").get("status")

    def drop(self, process, qmp, host):
        try:
            qmp("quit")
        except (OSError, ValueError):
            pass
        process.wait(20)
        for tap in self.taps:
            host.run("ip", "link", "del", tap, check=False)

    def migrate(self):
        self.qmp("migrate-set-parameters", **{"downtime-limit": 100, "max-bandwidth": 1 << 30})
        self.qmp("migrate", uri="unix:" + self.stream)
        wait_for(60, lambda: self.status() in ("completed", "failed"), 0.01)
        if self.status() != "completed":
            raise RuntimeError("migration: " + str(self.qmp("query-migrate")))
        self.drop(self.process, self.qmp, self.host)
        self.process, self.qmp, self.host = self.new

    def cancel(self):
        self.qmp("migrate-set-parameters", **{"max-bandwidth": 1 << 20})
        self.qmp("migrate", uri="unix:" + self.stream)
        time.sleep(1)
        self.qmp("migrate_cancel")
        wait_for(20, lambda: self.status() == "cancelled")
        self.drop(*self.new)

    def end(self):
        self.drop(self.process, self.qmp, self.host)
