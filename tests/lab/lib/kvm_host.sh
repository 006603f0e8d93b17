# shellcheck shell=bash
# Scripts that need a host with KVM: kvm/run gives them one.

# on_kvm_host OPTION…: starts the script again on a host that has KVM, unless it runs on
# one already
on_kvm_host() {
  [[ -n ${VMRECON_KVM_HOST:-} ]] || exec "$LAB_DIR/kvm/run" "$@" "$0" "${ON_KVM_HOST_ARGUMENTS[@]+"${ON_KVM_HOST_ARGUMENTS[@]}"}"
}
