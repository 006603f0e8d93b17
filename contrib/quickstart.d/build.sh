# shellcheck shell=bash
# Building in a folder of its own; a second time only what changed.

# configure_in DIR LOG CONFIGURE-ARGUMENT…: makes DIR ready to build in, and to
# install into DIR/root. DIR/.arguments remembers what it was configured with,
# since other arguments need a new configure.
configure_in() {
  local dir=$1 log=$2
  shift 2
  set -- --prefix="$dir/root" --with-collectd-plugindir="$dir/root/lib/collectd" "$@"
  # Makefile.in comes last: an interrupted autoreconf is done again.
  [[ -e $TOP/Makefile.in ]] || (cd "$TOP" && autoreconf -fi) >>"$log" 2>&1 || return
  mkdir -p "$dir"
  if [[ ! -e $dir/Makefile || $(cat "$dir/.arguments" 2>/dev/null) != "$*" ]]; then
    (cd "$dir" && "$TOP/configure" --quiet "$@") >>"$log" 2>&1 || return
    echo "$*" >"$dir/.arguments"
  fi
}

# build_in DIR LOG CONFIGURE-ARGUMENT…: builds in DIR, installs into DIR/root,
# and nothing anywhere else
build_in() {
  configure_in "$@" || return
  make -C "$1" -j"$(nproc)" >>"$2" 2>&1 && make -C "$1" install >>"$2" 2>&1
}

# build_failed LOG: says why, and ends
build_failed() {
  tail -n 15 "$1" >&2
  die "the build failed; its whole output is in $1"
}
