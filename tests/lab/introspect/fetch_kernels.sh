#!/bin/sh
# Fetches Debian's cloud kernels of several suites and makes a guest of each:
#   fetch_kernels.sh DIR [SUITE...]
# leaves DIR/SUITE.vmlinuz and DIR/SUITE.initrd. apt gets lists, cache and sources
# of its own, so that the host's packages stay those of its suite.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$1
shift
[ $# -gt 0 ] || set -- bullseye bookworm trixie sid
mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
dir=$(cd "$dir" && pwd)
for suite; do
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
    "http://deb.debian.org/debian $suite main"
done >"$dir/apt/sources.list"
cat >"$dir/apt/apt.conf" <<EOF
Dir::State::lists "$dir/apt/lists";
Dir::Cache "$dir/apt/cache";
Dir::Etc::sourcelist "$dir/apt/sources.list";
Dir::Etc::sourceparts "-";
APT::Get::List-Cleanup "0";
APT::Sandbox::User "root";
EOF
export APT_CONFIG="$dir/apt/apt.conf"
apt-get -qq update

# The packages that the meta package linux-image-cloud-amd64 of a suite stands
# for: one, or from 7.x on a binary and a modules package.
packages_of() {
  image=$(apt-cache show "linux-image-cloud-amd64/$1" |
    sed -n 's/^Depends:.*\(linux-image-[0-9][^ ,]*\).*/\1/p' | head -n 1)
  rest=$(apt-cache show "$image" | sed -n 's/^Depends: //p' | head -n 1 |
    tr ',' '\n' | sed -n 's/^ *\(linux-\(binary\|modules\)-[^ ]*\).*/\1/p')
  echo "$image" $rest
}

for suite; do
  root=$dir/root-$suite
  mkdir -p "$root"
  for package in $(packages_of "$suite"); do
    (cd "$root" && apt-get -qq download "$package" &&
      dpkg -x "${package}"_*.deb . && rm -f "${package}"_*.deb)
  done
  modules=$(find "$root" -type d -path '*/lib/modules/*' -prune | head -n 1)
  kernel=$(find "$root" -name 'vmlinuz*' | head -n 1)
  [ -n "$modules" ] && [ -n "$kernel" ] || {
    echo "$suite: no kernel in its packages" >&2
    exit 1
  }
  cp "$kernel" "$dir/$suite.vmlinuz"
  "$here/make_guest.sh" "$modules" "$dir/$suite.initrd"
  echo "$suite: $(basename "$modules")"
done
