# shellcheck shell=bash
# Building in a folder of its own; a second time only what changed.

# Whoever builds may be told to end, and what it has begun with it.
BUILD_LEASH=(setpriv --pdeathsig TERM)

# configure_in DIR LOG CONFIGURE-ARGUMENT…: makes DIR ready to build in, and to
# install into DIR/root. DIR/.arguments remembers what it was configured with,
# since other arguments need a new configure.
configure_in() {
  local dir=$1 log=$2
  shift 2
  set -- --prefix="$dir/root" --with-collectd-plugindir="$dir/root/lib/collectd" "$@"
  # Makefile.in comes last: an interrupted autoreconf is done again.
  [[ -e $TOP/Makefile.in ]] || "${BUILD_LEASH[@]}" env -C "$TOP" autoreconf -fi >>"$log" 2>&1 || return
  mkdir -p "$dir"
  if [[ ! -e $dir/Makefile || $(cat "$dir/.arguments" 2>/dev/null) != "$*" ]]; then
    "${BUILD_LEASH[@]}" env -C "$dir" "$TOP/configure" --quiet "$@" >>"$log" 2>&1 || return
    echo "$*" >"$dir/.arguments"
  fi
}

# make_in DIR LOG [TARGET…]
make_in() { "${BUILD_LEASH[@]}" make -C "$1" -j"$(nproc)" "${@:3}" >>"$2" 2>&1; }

# build_in DIR LOG CONFIGURE-ARGUMENT…: builds in DIR, installs into DIR/root,
# and nothing anywhere else
build_in() {
  configure_in "$@" || return
  make_in "$1" "$2" && make_in "$1" "$2" install
}

# build_failed LOG: says why, and ends
build_failed() {
  tail -n 15 "$1" >&2
  die "the build failed; its whole output is in $1"
}
