# SPDX-License-Identifier: MIT
"""A QEMU guest (TCG, or what VMRECON_ACCEL says) that obeys lines on its second serial port: see guest_init.c."""

import os
import select
import socket
import struct
import subprocess
import tempfile
import time

SWAP_MIB = 128
ACCEL = os.environ.get("VMRECON_ACCEL", "tcg")


def make_disk(path, mib):
    with open(path, "wb") as f:
        f.truncate(mib << 20)


def make_swap(path):
    """What mkswap writes: one page, of which the kernel reads a version, the number of the
    last page, and ten letters at its end."""
    make_disk(path, SWAP_MIB)
    with open(path, "r+b") as f:
        f.seek(1024)
        f.write(struct.pack("<III", 1, SWAP_MIB * 256 - 1, 0))
        f.seek(4096 - 10)
        f.write(b"SWAPSPACE2")


class Guest:
    """BACKEND says what QEMU's memory is: anonymous, memfd, or a file in its folder."""

    def __init__(self, kernel, initrd, smp=1, mem="256", append="", extra=(), name="vri0",
                 backend="anonymous"):
        self.dir = tempfile.mkdtemp(prefix="vri-")
        self.disk = os.path.join(self.dir, "disk.raw")
        make_disk(self.disk, 64)
        make_swap(os.path.join(self.dir, "swap.raw"))
        self.ram_path = os.path.join(self.dir, "ram")
        self.port_path = os.path.join(self.dir, "port")
        self.monitor_path = os.path.join(self.dir, "monitor")
        command = [
            # Ends with this program, however that ends.
            "setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", "-name", f"guest={name},debug-threads=on",
            "-accel", ACCEL, "-cpu", "host" if ACCEL == "kvm" else "max", "-M", "q35", "-m", str(mem), "-smp", str(smp),
            "-display", "none", "-nodefaults",
            "-serial", f"file:{self.dir}/console",
            "-serial", f"unix:{self.port_path},server=on,wait=off",
            # Not QMP: a vmrecon on this machine would find that and use it.
            "-monitor", f"unix:{self.monitor_path},server=on,wait=off",
            "-drive", f"file={self.disk},if=virtio,format=raw,cache=writeback",
            "-drive", f"file={self.dir}/swap.raw,if=virtio,format=raw,cache=writeback",
            "-device", "virtio-balloon-pci,id=balloon0",
        ]
        if kernel:
            command += ["-kernel", kernel, "-initrd", initrd,
                        "-append", f"console=ttyS0 quiet panic=-1 {append}"]
        command += self.memory_arguments(backend, mem)
        self.process = subprocess.Popen(command + list(extra), stdout=subprocess.DEVNULL)
        self.pid = self.process.pid
        self.port = self.connect(self.port_path)
        self.pending = b""
        self.monitor_socket = None

    def memory_arguments(self, backend, mem):
        if backend == "anonymous":
            return []
        path = f",mem-path={self.ram_path}" if backend == "file" else ""
        return ["-object", f"memory-backend-{backend},id=ram,size={mem}M,share=on{path}",
                "-machine", "memory-backend=ram"]

    def connect(self, path):
        for _ in range(200):
            try:
                s = socket.socket(socket.AF_UNIX)
                s.connect(path)
                return s
            except OSError:
                s.close()
                time.sleep(0.05)
        raise RuntimeError(f"{path}: QEMU did not open it")

    def line(self, timeout=120):
        end = time.monotonic() + timeout
        while b"\n" not in self.pending:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.port], [], [], left)[0]:
                raise TimeoutError(f"guest is silent; console: {self.dir}/console")
            data = self.port.recv(1 << 16)
            if not data:
                raise EOFError("QEMU closed the port")
            self.pending += data
        text, self.pending = self.pending.split(b"\n", 1)
        return text.decode(errors="replace").rstrip("\r")

    def wait_ready(self, timeout=180):
        while self.line(timeout) != "READY":
            pass

    def command(self, text, timeout=120):
        """Sends one line; returns the lines of the answer."""
        self.port.sendall(text.encode() + b"\n")
        while not self.line(timeout).startswith("BEGIN"):
            pass
        answer = []
        while (line := self.line(timeout)) != "END":
            answer.append(line)
        return answer

    def readings(self):
        """The guest's own files of /proc, read in one moment: {path: [lines]}."""
        files, current = {}, None
        for line in self.command("read"):
            if line.startswith("### "):
                current = files.setdefault(line[4:], [])
            else:
                current.append(line)
        return files

    def monitor(self, text):
        """One command to QEMU's monitor for people; returns what it says."""
        if self.monitor_socket is None:
            self.monitor_socket = self.connect(self.monitor_path)
            self.until_prompt()
        self.monitor_socket.sendall(text.encode() + b"\n")
        return self.until_prompt()

    def until_prompt(self):
        answer = b""
        while not answer.endswith(b"(qemu) "):
            data = self.monitor_socket.recv(1 << 16)
            if not data:
                break
            answer += data
        return answer.decode(errors="replace")

    def close(self):
        self.process.kill()
        self.process.wait()
        for f in os.listdir(self.dir):
            os.unlink(os.path.join(self.dir, f))
        os.rmdir(self.dir)
