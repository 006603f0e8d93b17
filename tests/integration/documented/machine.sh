# shellcheck shell=bash
# The host hv1 of the pages, in namespaces of its own: its collectd writes RRD files
# below /var/lib/collectd/rrd, the guest web runs on it, and some history is there: the
# recorded guests as web, db1 and db2, and traffic between them. $LAB_RUN is the
# scratch directory; commands run in $LAB_RUN/tree, which looks like the source tree.

RRD=/var/lib/collectd/rrd

# machine_files: what the pages name, over the machine's own, for this test alone
machine_files() {
  local dir
  hostname hv1
  mount --make-rprivate /
  mkdir -p "$LAB_RUN"/{models,lib/collectd/rrd,lib/vmrecon/models,etc/collectd.conf.d,home,tree,plugins,netns}
  mount --bind "$LAB_RUN/lib" /var/lib
  [[ -d /etc/collectd ]] || die "/etc/collectd is not there"
  mount --bind "$LAB_RUN/etc" /etc/collectd
  printf '127.0.0.1 localhost hv1 h1 h2 central.example.org\n' >"$LAB_RUN/hosts"
  mount --bind "$LAB_RUN/hosts" /etc/hosts
  mkdir -p /run/netns
  mount --bind "$LAB_RUN/netns" /run/netns
  echo "hv1: secret" >/etc/collectd/passwd
  for dir in contrib docs tests; do ln -s "$TOP/$dir" "$LAB_RUN/tree/$dir"; done
  HOME=$LAB_RUN/home
  PATH=$LAB_BUILD:$PATH
  lab_plugin_dir "$LAB_RUN/plugins"
}

# Addresses of the pages (RFC 5737) and a network with one guest on each host.
machine_network() {
  local host mac
  ip link set lo up
  ip addr add 192.0.2.1/32 dev lo
  ip addr add 192.0.2.10/32 dev lo
  ip addr add 192.0.2.21/32 dev lo
  # The underlay of h1 in the pages of the overlay.
  ip link add under0 type bridge
  ip addr add 192.0.2.11/24 dev under0
  ip link set under0 up
  ip netns add h1
  ip netns add h2
  # The addresses are those of machine_traffic.
  for host in hv1:01 h1:02 h2:03; do
    mac=52:54:00:00:00:${host#*:}
    on_host "${host%:*}" ip link add br0 type bridge
    on_host "${host%:*}" ip link set br0 up
    on_host "${host%:*}" ip tuntap add tap0 mode tap
    on_host "${host%:*}" ip link set tap0 master br0 up
    on_host "${host%:*}" bridge fdb add "$mac" dev tap0 master static
  done
}

# on_host HOST COMMAND…
on_host() {
  local host=$1
  shift
  if [[ $host == hv1 ]]; then "$@"; else ip netns exec "$host" "$@"; fi
}

# machine_history: the recorded hour (as it is in $LAB_RUN/recorded), moved to where it ends two minutes ago, with the
# guests' own load and context switches as what was published
machine_history() {
  local name delta
  tar -C "$RRD" -xJf "$TOP/tests/data/recorded/three-guests.tar.xz"
  delta=$(($(now) - 120 - $(grep -rhoE '<lastupdate>[0-9]+' "$RRD" | grep -oE '[0-9]+' | sort -n | tail -n 1)))
  # Rows have no times of their own: they end at the last update.
  find "$RRD" -name '*.xml' -exec perl -pi -e 's/<lastupdate>(\d+)/"<lastupdate>" . ($1 + '"$delta"')/e' {} +
  find "$RRD" -name '*.xml' | sed -E 's/(.*)\.xml$/restore \1.xml \1.rrd/' | rrdtool - >"$LAB_RUN/restored"
  find "$RRD" -name '*.xml' -delete
  cp -R "$RRD" "$LAB_RUN/recorded"
  mv "$RRD/host" "$RRD/hv1"
  for name in held:web one:db1 two:db2; do
    mv "$RRD/${name%:*}" "$RRD/${name#*:}"
    mv "$RRD/hv1/vmrecon-${name%:*}" "$RRD/hv1/vmrecon-${name#*:}"
  done
  mkdir -p "$RRD/hv1/virt_inferred-web"
  cp "$RRD/web/load/load.rrd" "$RRD/web/contextswitch/contextswitch.rrd" "$RRD/hv1/virt_inferred-web/"
  # The same guest under its full name.
  cp -R "$RRD/web" "$RRD/www.example.com"
}

# traffic_series FILE RX TX: ten minutes of bytes, so many a second
traffic_series() {
  local at=$(($(now) / 10 * 10 - 720)) i updates=()
  mkdir -p "$(dirname "$1")"
  rrdtool create "$1" --start $((at - 10)) --step 10 DS:rx:DERIVE:20:0:U DS:tx:DERIVE:20:0:U RRA:AVERAGE:0.5:1:360
  for i in {0..60}; do updates+=("$((at + 10 * i)):$(($2 * 10 * i)):$(($3 * 10 * i))"); done
  rrdtool update "$1" "${updates[@]}"
}

# level_series FILE VALUE
level_series() {
  local at=$(($(now) / 10 * 10 - 720)) i updates=()
  mkdir -p "$(dirname "$1")"
  rrdtool create "$1" --start $((at - 10)) --step 10 DS:value:GAUGE:20:U:U RRA:AVERAGE:0.5:1:360
  for i in {0..60}; do updates+=("$((at + 10 * i)):$2"); done
  rrdtool update "$1" "${updates[@]}"
}

# Web sends to both databases, which exchange more.
machine_traffic() {
  traffic_series "$RRD/hv1/vmrecon_net-web/if_octets-525400000002.rrd" 12000 4000
  traffic_series "$RRD/hv1/vmrecon_net-web/if_octets-525400000003.rrd" 9000 3000
  traffic_series "$RRD/h1/vmrecon_net-db1/if_octets-525400000003.rrd" 500000 400000
  traffic_series "$RRD/h1/vmrecon_net-db1/if_octets-525400000001.rrd" 4000 12000
  traffic_series "$RRD/h2/vmrecon_net-db2/if_octets-525400000002.rrd" 400000 500000
  traffic_series "$RRD/h2/vmrecon_net-db2/if_octets-525400000001.rrd" 3000 9000
  level_series "$RRD/hv1/vmrecon_net-web/gauge-mac_525400000001.rrd" 1
  level_series "$RRD/h1/vmrecon_net-db1/gauge-mac_525400000002.rrd" 1
  level_series "$RRD/h2/vmrecon_net-db2/gauge-mac_525400000003.rrd" 1
}

# machine_prelude PLUGINDIR-AND-THE-LIKE: what a part of a configuration goes behind
machine_prelude() {
  cat <<CONF
BaseDir "$LAB_RUN/lib/collectd"
PIDFile "$LAB_RUN/pid"
PluginDir "$LAB_RUN/plugins"
TypesDB "${TYPES_DB:-/usr/share/collectd/types.db}"
LoadPlugin logfile
<Plugin logfile>
  File "$1"
  PrintSeverity true
  LogLevel info
</Plugin>
CONF
}

machine_begin() {
  machine_files
  machine_network
  machine_history
  machine_traffic
  mkdir "$LAB_RUN/bin"
  cp "$LAB_BUILD/tests/tools/fake-guest" "$LAB_RUN/bin/qemu-system-x86_64"
  cp "$LAB_BUILD/vmrecon-ns" "$LAB_RUN/bin/vmrecon-ns"
  lab_spawn "$LAB_RUN/guest.log" "$LAB_RUN/bin/qemu-system-x86_64" -name guest=web,debug-threads=on -accel tcg -m 66 -smp 2
  GUEST_PID=$LAB_PID
  {
    printf 'Hostname "hv1"\nFQDNLookup false\nInterval 1\n'
    machine_prelude "$LAB_RUN/collectd.log"
    printf 'LoadPlugin rrdtool\n<Plugin rrdtool>\n  DataDir "%s"\n</Plugin>\n' "$RRD"
    printf 'LoadPlugin vmrecon\n<Plugin target_vmrecon>\n  ModelDir "/var/lib/vmrecon/models"\n  StateFile "/var/lib/vmrecon/state"\n</Plugin>\n'
  } >/etc/collectd/collectd.conf
  cd "$LAB_RUN/tree"
}

# machine_page: each page begins with a host that has no models of its own
machine_page() {
  cd "$LAB_RUN/tree"
  rm -f /var/lib/vmrecon/models/*
}

machine_end() { [[ -z ${MACHINE_COLLECTD:-} ]] || lab_stop "$MACHINE_COLLECTD" 30; }

# --- what a namespace does not have ---

# Something new, and what a page looks at.
has_published() {
  [[ $RRD/hv1/virt_inferred-web/load.rrd -nt $LAB_RUN/restarted && -s $RRD/hv1/virt_inferred-web/load-lower.rrd &&
    -s $RRD/hv1/virt_quality-web/gauge-load.rrd ]]
}

# systemctl restart collectd: the daemon of this machine; returns when it has written
# something of the guest
systemctl() {
  [[ $* == "restart collectd" ]] || return 1
  machine_end
  : >"$LAB_RUN/collectd.log"
  : >"$LAB_RUN/restarted"
  lab_spawn "$LAB_RUN/collectd.stdout" collectd -f -C /etc/collectd/collectd.conf
  MACHINE_COLLECTD=$LAB_PID
  wait_for 60 grep -q 'Initialization complete' "$LAB_RUN/collectd.log" &&
    wait_for 60 has_published
}

# ssh HOST COMMAND…
ssh() { on_host "$@"; }

# dot: where graphviz is not installed, whether it is given a graph
command -v dot >/dev/null || dot() { finds '^digraph '; }

# make uninstall: of an installation of its own
make() {
  [[ $* == uninstall ]] || return 1
  command make -C "$LAB_BUILD" install DESTDIR="$LAB_RUN/installed" &&
    command make -C "$LAB_BUILD" uninstall DESTDIR="$LAB_RUN/installed" &&
    [[ -z $(find "$LAB_RUN/installed" -name '*vmrecon*' -type f) ]]
}

# --- configurations ---

# What collectd and its plugins say of a configuration that they do not take, or do
# not take as it stands.
# Not that nothing writes what is read, that a daemon which ends at once has values left,
# nor that models were not read in time on a busy machine, nor that a user's group is not
# there: that is said of no configuration.
# (collectd itself says the last where CollectInternalStats is true.)
complaints() {
  grep -E '\[(error|warning)\]|^ERROR|rror:' "$@" |
    grep -vE 'No write callback has been registered|left after shutting down the write threads|does not answer|: no models in |No such group: |not introspected: the search was ended|Unable to determine Interval from context' || true
}

# collectd_takes FILE: a real one, with our plugins, reads once and ends
collectd_takes() {
  local conf=$LAB_RUN/part.conf log=$LAB_RUN/part.log plugin said status=0
  : >"$log"
  {
    # The pages of the overlay are about the host h1.
    grep -qE '^(Hostname|FQDNLookup)' "$1" ||
      printf 'Hostname "%s"\nFQDNLookup false\n' "$(if grep -q vmrecon_overlay "$1"; then echo h1; else echo hv1; fi)"
    machine_prelude "$log"
    # A part that configures a plugin stands for the line that loads it.
    for plugin in $(sed -nE 's/^<Plugin "?([a-z_]+)"?>.*/\1/p' "$1" | sort -u); do
      grep -qE "^ *<?LoadPlugin \"?$plugin\"?" "$1" || echo "LoadPlugin $plugin"
    done
    # The user whom hosts with libvirt have, and a program where that user may run it.
    sed -e 's/"libvirt-qemu"/"nobody"/' -e "s~/usr/bin/vmrecon-ns~$LAB_RUN/bin/vmrecon-ns~" "$1"
  } >"$conf"
  collectd -T -C "$conf" >"$LAB_RUN/part.said" 2>&1 </dev/null || status=$?
  said=$(complaints -h "$log" "$LAB_RUN/part.said")
  echo "$said"
  ((status == 0)) || { echo "status $status"; cat "$LAB_RUN/part.said"; }
  [[ -z $said && $status == 0 ]]
}
