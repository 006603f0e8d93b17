#!/bin/sh
# Builds the initramfs of a test guest: guest_init as /init and the virtio
# modules of one kernel, unpacked.
#   make_guest.sh MODULES_DIR OUTPUT [FILE_TO_ADD...]
# MODULES_DIR is .../lib/modules/VERSION of an unpacked kernel package.
set -eu
modules=$1
output=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/modules" "$root/dev"
${CC:-gcc} -O2 -static -o "$root/init" "$here/guest_init.c"
for name in virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev \
  virtio_pci virtio_blk virtio_balloon; do
  for file in $(find "$modules" -name "$name.ko" -o -name "$name.ko.xz"); do
    case $file in
    *.xz) xz -dc "$file" >"$root/modules/$name.ko" ;;
    *) cp "$file" "$root/modules/" ;;
    esac
  done
done
for file; do cp "$file" "$root/"; done
# The kernel opens it for /init's standard output before devtmpfs is there.
mknod "$root/dev/console" c 5 1
(cd "$root" && find . | cpio --quiet -o -H newc) | zstd -q >"$output.tmp" 
mv "$output.tmp" "$output"
