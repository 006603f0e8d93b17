# shellcheck shell=bash
# Scripts that run on a host with KVM: kvm/run gives them one.

# on_kvm_host OPTION…: starts the script again on a host that has KVM, unless it runs on
# one already
on_kvm_host() { [[ -n ${VMRECON_KVM_HOST:-} ]] || exec "$LAB_DIR/kvm/run" "$@" "$0"; }

# lab_run_in DIR: from here on LAB_RUN, where everything of a run is left. On an emulated
# host it grows in memory and is copied to DIR at the end: RRD files are mapped, which the
# folder that outlives that host does not allow.
lab_run_in() {
  mkdir -p "$1"
  LAB_RUN=$(cd "$1" && pwd)
  [[ ${VMRECON_KVM_HOST:-} == nested ]] || return 0
  LAB_RUN_KEPT=$LAB_RUN
  LAB_RUN=$(mktemp -d /tmp/vmrecon-run.XXXXXX)
  lab_at_exit lab_run_keep
}

lab_run_keep() {
  rm -rf "$LAB_RUN"/guests/*/disk "$LAB_RUN"/guests/*/*.sock "$LAB_RUN/collectd/plugins"
  cp -r "$LAB_RUN"/. "$LAB_RUN_KEPT/"
}
