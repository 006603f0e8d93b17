# shellcheck shell=bash
# KVM where guests really boot on it, TCG otherwise. That /dev/kvm opens says
# little: a guest has to come up. The answer is kept beside the image, for this
# host kernel.

# kvm_boots IMAGE: one short boot, at most 15 s
kvm_boots() {
  local console
  [[ -w /dev/kvm ]] || return 1
  console=$(timeout -k 1 15 qemu-system-x86_64 -accel kvm -cpu host -M q35 -m 256 -smp 1 \
    -display none -no-reboot -nodefaults -serial stdio \
    -kernel "$1/vmlinuz" -initrd "$1/initrd.zst" \
    -append "console=ttyS0 quiet panic=-1 lab.probe=1" </dev/null 2>/dev/null) || true
  [[ $console == *"ready probe"* ]]
}

# choose_accel WISH IMAGE: prints tcg or kvm; WISH is auto, tcg or kvm
choose_accel() {
  local known
  known=$LAB_CACHE/accel-$(uname -r)
  case $1 in
    tcg | kvm) echo "$1" ;;
    auto)
      # On the laboratory's own KVM host the question has been answered.
      [[ -z ${VMRECON_KVM_HOST:-} ]] || { echo kvm; return; }
      if [[ ! -s $known ]]; then
        if kvm_boots "$2"; then echo kvm; else echo tcg; fi >"$known.$$"
        mv "$known.$$" "$known"
      fi
      cat "$known"
      ;;
    *) die "--accel takes auto, kvm or tcg, not $1" ;;
  esac
}
