# shellcheck shell=bash
# Kernels out of Debian packages, of this machine's suite or of another: fetched,
# unpacked, never installed.

# debian_suite SUITE: from here on apt means that suite; "" is this machine's own.
# Another one's lists are kept in the cache, so that the host's packages stay those
# of its suite.
DEBIAN_SUITE=
debian_suite() {
  local dir
  DEBIAN_SUITE=$1
  [[ -n $DEBIAN_SUITE ]] || return 0
  dir=$LAB_CACHE/apt-$DEBIAN_SUITE
  mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $DEBIAN_SUITE main" \
    >"$dir/sources.list"
  cat >"$dir/apt.conf" <<END
Dir::State::lists "$dir/lists";
Dir::Cache "$dir/cache";
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "-";
END
  export APT_CONFIG=$dir/apt.conf
  compgen -G "$dir/lists/*_Packages*" >/dev/null || apt-get -qq -o APT::Sandbox::User=root update >&2
}

# debian_kernel_packages FLAVOUR: "PACKAGE VERSION" of what the meta package
# linux-image-FLAVOUR stands for: one package, or a binary and a modules package
debian_kernel_packages() {
  local meta=linux-image-$1 image package
  image=$(apt-cache depends "$meta" | awk '$1 == "Depends:" && $2 ~ /^linux-image-[0-9]/ && !found {found = $2} END {print found}')
  [[ -n $image ]] || die "apt knows no package $meta (apt-get update?)"
  for package in "$image" $(apt-cache depends "$image" | awk '$1 == "Depends:" && $2 ~ /^linux-(binary|modules)-/ {print $2}'); do
    echo "$package $(apt-cache show "$package" | awk '$1 == "Version:" && !found {found = $2} END {print found}')"
  done
}

# fetch_debian_kernel FLAVOUR DIR: unpacked into DIR
fetch_debian_kernel() {
  local package rest scratch=$2.debs
  mkdir -p "$scratch" "$2"
  debian_kernel_packages "$1" | while read -r package rest; do
    # APT::Sandbox::User: apt's own user may not write into a private folder.
    (cd "$scratch" && apt-get -q -o APT::Sandbox::User=root download "$package" >&2)
  done
  for package in "$scratch"/*.deb; do
    dpkg -x "$package" "$2"
  done
  rm -rf "$scratch"
}

# copy_modules ROOT KERNEL NAME…: those modules, unpacked, into ROOT/lib/modules; a
# kernel may have some of them built in
copy_modules() {
  local root=$1 kernel=$2 name file
  shift 2
  mkdir -p "$root/lib/modules"
  for name in "$@"; do
    file=$(find "$kernel" -name "$name.ko" -o -name "$name.ko.?z" -o -name "$name.ko.zst" | head -n 1)
    case $file in
      '') ;;
      *.xz) xz -dc "$file" >"$root/lib/modules/$name.ko" ;;
      *.zst) zstd -qdc "$file" >"$root/lib/modules/$name.ko" ;;
      *) cp "$file" "$root/lib/modules/$name.ko" ;;
    esac
  done
}
