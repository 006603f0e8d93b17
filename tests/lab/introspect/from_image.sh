#!/bin/sh
# Builds the initramfs of a test guest (make_guest.sh) for the kernel of the
# laboratory's image, whose modules are in that image's own initramfs:
#   from_image.sh IMAGE_DIR OUTPUT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
zstd -qdc "$1/initrd.zst" | (cd "$unpacked" && cpio --quiet -id '*.ko')
"$here/make_guest.sh" "$unpacked" "$2"
