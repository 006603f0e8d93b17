# shellcheck shell=bash
# What the integration tests of introspection share: the laboratory, the tool
# under test, and a guest that obeys (guest_init.c) on the image's kernel.

# shellcheck source=tests/lab/lib/scenario.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/scenario.sh"

# introspect_begin: INTROSPECT, LAB_IMAGE, $LAB_RUN with initrd; cleanup
introspect_begin() {
  local tool
  for tool in python3 gcc zstd cpio qemu-system-x86_64; do
    command -v "$tool" >/dev/null || skip_all "no $tool"
  done
  scenario_begin
  INTROSPECT=$LAB_BUILD/vmrecon-introspect
  [[ -x $INTROSPECT ]] || die "no vmrecon-introspect in $LAB_BUILD"
  "$LAB_DIR/introspect/from_image.sh" "$LAB_IMAGE" "$LAB_RUN/initrd"
  # What the guests leave goes with the rest.
  export TMPDIR=$LAB_RUN
}
