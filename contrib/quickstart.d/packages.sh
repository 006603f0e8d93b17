# shellcheck shell=bash
# The Debian packages that the demo and the check need.

PACKAGES_BUILD=(gcc make autoconf automake libtool pkgconf libc6-dev
  collectd-core collectd-dev libgsl-dev librrd-dev libcurl4-gnutls-dev libjansson-dev libmnl-dev uthash-dev libcmocka-dev libbpf-dev
  libvirt-dev libncurses-dev)
PACKAGES_LAB=(qemu-system-x86 busybox-static stress-ng e2fsprogs cpio zstd iproute2 procps)
PACKAGES_DEMO=(gnuplot-nox)
PACKAGES_CHECK=(gnuplot-nox chromium valgrind python3-pyte prometheus curl openssl libprotobuf-c1 libmicrohttpd12
  libopenmpi-dev openmpi-bin rrdtool rrdcached socat jq xz-utils python3 clang clang-format libclang-rt-14-dev strace
  libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients
  influxdb graphite-carbon graphite-web
  libconfig-general-perl libregexp-common-perl libhtml-parser-perl libcgi-pm-perl librrds-perl
  nftables liboping0
  libcollectdclient-dev libgcrypt20-dev dpkg-dev man-db groff-base debhelper fakeroot lintian debootstrap binutils rpm rpmlint)

package_is_there() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

missing_packages() {
  local package
  for package in "$@"; do
    package_is_there "$package" || echo "$package"
  done
}

# without_services COMMAND…: what it installs is for tests, which start what they need
# themselves: no service of it is started
without_services() (
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  "$@"
)

# want_packages PACKAGE…: installs those that are missing, and only those
want_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  # The guest image's kernel comes by apt too, which needs package lists.
  if ((${#missing[@]} > 0)) || ! apt-cache show linux-image-cloud-amd64 >/dev/null 2>&1; then
    say "reading Debian's package lists"
    apt-get -q update >&2 || say "apt-get update failed; going on with the lists that are there"
  fi
  ((${#missing[@]} > 0)) || return 0
  say "installing: ${missing[*]}"
  DEBIAN_FRONTEND=noninteractive without_services apt-get -q -y --no-install-recommends install "${missing[@]}" \
    >&2 </dev/null || die "apt-get could not install: ${missing[*]}"
}
